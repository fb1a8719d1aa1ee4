from pytorch_lightning.plugins.environments import SLURMEnvironment

from modules.fitting import lean_trainer


def test_a_job_of_slurm_keeps_its_signals(monkeypatch):
    for name, value in {"SLURM_NTASKS": "4", "SLURM_JOB_NAME": "worker", "SLURM_JOB_ID": "7"}.items():
        monkeypatch.setenv(name, value)
    assert SLURMEnvironment.detect()
    trainer = lean_trainer(1, "cpu")
    assert not isinstance(trainer._accelerator_connector.cluster_environment, SLURMEnvironment)
    assert trainer.world_size == 1
