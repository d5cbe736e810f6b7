"""Compares both built-in models at full size with PyTorch: logits of 1,000 windows and all
gradients. Writes golden files to a temporary folder and runs the test that reads them.
Run: python tests/golden/compare_network.py build/release/bin/layers_test"""

import os
import subprocess
import sys
import tempfile

import torch
from network import CnnLstmDna, CnnLstmProtein, spec_with, write

torch.manual_seed(5)
with tempfile.TemporaryDirectory() as folder:
    dna, protein = f"{folder}/dna.safetensors", f"{folder}/protein.safetensors"
    write(dna, CnnLstmDna(100), spec_with("cnn-lstm-dna", {}), 4, True, 1000, 100, 5000)
    write(protein, CnnLstmProtein(47), spec_with("cnn-lstm-protein", {}), 20, False, 1000, 47, 5000)
    for path in (dna, protein):
        subprocess.run(
            [sys.argv[1], "--gtest_filter=Network.AgreesWithTheNamedPyTorchFile"],
            env=os.environ | {"STROMA_NETWORK_GOLDEN": path},
            check=True,
        )
