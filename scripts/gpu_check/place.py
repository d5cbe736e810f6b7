"""Where the programs and their files lie: in the repository, or unpacked from a bundle."""

import atexit
import functools
import glob
import os
import pathlib
import shutil
import site
import subprocess
import sys
import tarfile
import tempfile

here = pathlib.Path(__file__).resolve().parent


class Place:
    """root: has tests/, docs/, bench/; programs: the folder of the compiled programs; results: where
    those go if nobody says otherwise."""

    def __init__(self, dry_run, build=None):
        archive = here.parent / "payload.tar.xz"
        if archive.exists():
            self.root = pathlib.Path(tempfile.mkdtemp(prefix="stroma-gpu_check-"))
            atexit.register(shutil.rmtree, self.root, ignore_errors=True)
            with tarfile.open(archive) as payload:
                # Python 3.12 asks for a filter, which 3.11.3 does not know.
                payload.extractall(self.root, **({"filter": "data"} if hasattr(tarfile, "data_filter")
                                                 else {}))
            self.programs = self.root / "bin"
            self.results = here.parent / "results"
        else:
            self.root = here.parent.parent
            self.results = self.root / ("build/gpu_check" if dry_run else "bench/results")
            self.programs = self.root / "build" / ("emulated" if dry_run else "cuda") / "bin"
        if build:
            self.programs = pathlib.Path(build).resolve() / "bin"
        if not self.programs.is_dir():
            preset = "emulated" if dry_run else "cuda"
            sys.exit(f"gpu_check: there is no {self.programs}: run scripts/build.sh {preset} first")

    def commit(self):
        """The commit that the programs were built from."""
        packed = self.root / "commit"
        if packed.exists():
            return packed.read_text().strip()
        described = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=self.root,
                                   capture_output=True, text=True, check=False)
        return described.stdout.strip() or "unknown"

    @functools.cache
    def environment(self):
        """For our programs: the tests' files, and cuBLAS where pip or the CUDA Toolkit put it."""
        environment = dict(os.environ, STROMA_TEST_FOLDER=str(self.root / "tests"))
        data = self.root / "data"
        if data.is_dir():
            environment["STROMA_DATA"] = str(data)
        environment.setdefault("OMP_WAIT_POLICY", "passive")
        folders = [environment.get("LD_LIBRARY_PATH", "")] + cublas_folders()[:1]
        environment["LD_LIBRARY_PATH"] = ":".join(folder for folder in folders if folder)
        return environment


def cublas_folders():
    """Folders that hold a libcublas.so of this Python's packages or of a CUDA Toolkit."""
    patterns = [f"{packages}/nvidia/*/lib" for packages in [*site.getsitepackages(), *sys.path]]
    patterns += ["/usr/local/cuda/lib64", "/usr/local/cuda-*/lib64"]
    found = []
    for pattern in patterns:
        for folder in sorted(glob.glob(pattern)):
            if folder not in found and glob.glob(f"{folder}/libcublas.so.*"):
                found.append(folder)
    return found
