import numpy as np
import pytest
import torch

from modules.memory import is_out_of_memory, limit_memory

NO_MACHINE_HAS = 1 << 60
SAID = {
    "CUDA": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has 78 GiB in all"),
    "CUDA, earlier": RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"),
    "cuBLAS": RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    "cuBLAS's handle": RuntimeError("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`"),
    "cuDNN": RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    "cuDNN 9": RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"),
    "cuFFT": RuntimeError("cuFFT error: CUFFT_ALLOC_FAILED"),
    "Python": MemoryError(),
}
OTHERS = [
    RuntimeError("mat1 and mat2 shapes cannot be multiplied (8x400 and 256x120)"),
    RuntimeError("CUDA error: device-side assert triggered"),
    RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
    ValueError("CUDA out of memory is what a user called the class"),
    KeyboardInterrupt(),
]


@pytest.mark.parametrize("error", SAID.values(), ids=SAID)
def test_whoever_says_that_memory_ran_out_is_understood(error):
    assert is_out_of_memory(error)


@pytest.mark.parametrize("error", OTHERS, ids=repr)
def test_other_errors_are_others(error):
    assert not is_out_of_memory(error)


@pytest.mark.parametrize("make", [torch.empty, np.empty], ids=["torch", "numpy"])
def test_what_is_really_raised_is_understood(make):
    with pytest.raises((RuntimeError, MemoryError)) as caught:
        make(NO_MACHINE_HAS // 8)
    assert is_out_of_memory(caught.value)


def test_an_error_made_of_another_counts_as_that_one():
    one = ValueError("building it failed")
    one.__cause__ = torch.OutOfMemoryError("CUDA out of memory")
    assert is_out_of_memory(one)


@pytest.mark.parametrize(("device", "asked"), [("cuda", [0.25]), ("cpu", [])])
def test_a_gpus_memory_is_shared_and_a_processors_is_not(device, asked, monkeypatch):
    told = []
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", told.append)
    limit_memory(0.25, device)
    assert told == asked
