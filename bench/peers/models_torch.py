"""The two published networks as PyTorch modules, with the parameter names that stroma writes."""

import torch
from torch import nn


class CnnLstmDna(nn.Module):
    """Input [batch, length, 4]; logits [batch, classes]."""

    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv1d(4, 64, 3, padding=1)
        self.conv2 = nn.Conv1d(64, 128, 3, padding=1)
        self.pool = nn.MaxPool1d(2, 2)
        self.lstm = nn.LSTM(128, 128, num_layers=2, bidirectional=True, dropout=0.3, batch_first=True)
        self.fc1 = nn.Linear(256, 100)
        self.dropout = nn.Dropout(0.4)
        self.fc2 = nn.Linear(100, 80)
        self.fc3 = nn.Linear(80, classes)

    def forward(self, x):
        x = torch.relu(self.conv1(x.transpose(1, 2)))
        x = self.pool(torch.relu(self.conv2(x)))
        x, _ = self.lstm(x.transpose(1, 2))
        x = self.dropout(torch.relu(self.fc1(x[:, -1])))
        return self.fc3(torch.relu(self.fc2(x)))


class CnnLstmProtein(nn.Module):
    """Input [batch, length, 20]; logits [batch, classes]."""

    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv1d(20, 64, 3, padding=1)
        self.conv2 = nn.Conv1d(64, 128, 3, padding=1)
        self.pool = nn.MaxPool1d(2)
        self.lstm = nn.LSTM(128, 64, batch_first=True)
        self.fc1 = nn.Linear(64, 64)
        self.dropout = nn.Dropout(0.5)
        self.fc2 = nn.Linear(64, classes)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x.transpose(1, 2))))
        x = self.pool(torch.relu(self.conv2(x)))
        x, _ = self.lstm(x.transpose(1, 2))
        return self.fc2(self.dropout(torch.relu(self.fc1(x[:, -1]))))


MODELS = {"cnn-lstm-dna": (CnnLstmDna, 4), "cnn-lstm-protein": (CnnLstmProtein, 20)}
