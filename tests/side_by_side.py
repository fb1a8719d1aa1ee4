"""Work for two processes at once."""

import multiprocessing


def found_by_two(work, *about):
    """All that two processes find: each calls `work(*about, name, found)`, which puts one list into the queue `found`."""
    context = multiprocessing.get_context("spawn")
    found = context.Queue()
    processes = [context.Process(target=work, args=(*about, name, found)) for name in "ab"]
    for process in processes:
        process.start()
    everything = [one for _ in processes for one in found.get(timeout=60)]
    for process in processes:
        process.join()
    return everything
