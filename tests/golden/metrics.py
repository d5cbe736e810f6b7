#!/usr/bin/env python3
"""Writes metrics.json and metrics_multi_label.json: what scikit-learn and NumPy make of random
predictions, of one label an example and of several.

Probabilities are integers over 1000 and not normalised, so that they are exact in both languages
and often equal. Undefined figures are null: scikit-learn
has an average precision of 0 for a class without examples, and of 1 for any scores where there is no
other class; neither says anything about the scores.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn import metrics

# (examples, classes, classes that occur, distinct scores)
CASES = [
    (1, 2, 2, 1000), (2, 2, 2, 1000), (7, 2, 2, 3), (60, 2, 2, 1000), (50, 2, 1, 10),
    (30, 3, 3, 5), (101, 5, 5, 1000), (101, 5, 3, 20), (64, 7, 7, 1), (40, 20, 12, 30),
    (150, 100, 100, 1000), (211, 40, 40, 7),
]


def number_or_none(value):
    return None if value is None or np.isnan(value) else float(value)


def binary(positive, scores):
    """Figures of two classes: none where an example of either is missing."""
    if not positive.any() or positive.all():
        return [None] * 4
    false_positive, true_positive, _ = metrics.roc_curve(
        positive, scores, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(positive, scores)
    return [float(figure) for figure in (
        metrics.roc_auc_score(positive, scores), metrics.average_precision_score(positive, scores),
        false_positive[true_positive >= 0.8].min(), precision[recall >= 0.95].max())]


def multi_label_case(generator, examples, classes, share):
    truth = generator.random((examples, classes)) < share
    thousandths = generator.integers(0, 1001, (examples, classes))
    thousandths = np.where(truth, np.maximum(thousandths, generator.integers(0, 1001, truth.shape)),
                           thousandths)
    predicted = thousandths > 500
    defined = [c for c in range(classes) if truth[:, c].any() and not truth[:, c].all()]
    occurring = [c for c in range(classes) if truth[:, c].any() or predicted[:, c].any()]
    each = metrics.precision_recall_fscore_support(truth, predicted, average=None, zero_division=0)

    def averages(kind):
        figures = metrics.precision_recall_fscore_support(
            truth, predicted, labels=occurring, average=kind, zero_division=0)
        return dict(zip(("precision", "recall", "f1"), map(float, figures[:3])))

    precisions = [metrics.average_precision_score(truth[:, c], thousandths[:, c]) for c in defined]
    areas = [metrics.roc_auc_score(truth[:, c], thousandths[:, c]) for c in defined]
    return {
        "classes": classes,
        "truth": truth.astype(int).ravel().tolist(),
        "thousandths": thousandths.ravel().tolist(),
        "accuracy": float(metrics.accuracy_score(truth, predicted)),
        "macro": averages("macro"),
        "weighted": averages("weighted"),
        "per_class": [[float(figure[c]) for figure in each[:3]] if c in occurring else None
                      for c in range(classes)],
        "macro_auc_pr": float(np.mean(precisions)) if defined else None,
        "macro_auc_roc": float(np.mean(areas)) if defined else None,
    }


def case(generator, examples, classes, occurring, levels):
    scores = generator.integers(0, levels, (examples, classes)) * (1000 // levels)
    labels = generator.permutation(classes)[:occurring][generator.integers(0, occurring, examples)]
    right = generator.random(examples) < 0.6  # a useful model, with errors
    scores[right, labels[right]] = np.minimum(scores[right].max(axis=1) + 1, 1000)
    probabilities = scores / 1000
    predicted = probabilities.argmax(axis=1)

    average_precision, auc_roc = [], []
    for label in range(classes):
        positive = labels == label
        defined = positive.any() and not positive.all()
        average_precision.append(
            metrics.average_precision_score(positive, probabilities[:, label]) if defined else None)
        auc_roc.append(
            metrics.roc_auc_score(positive, probabilities[:, label])
            if defined else None)
    defined = [value for value in average_precision if value is not None]
    areas = [value for value in auc_roc if value is not None]
    each = metrics.precision_recall_fscore_support(
        labels, predicted, labels=range(classes), average=None, zero_division=0)[:3]
    occurs = np.isin(np.arange(classes), np.concatenate((labels, predicted)))
    constant = np.ptp(labels) == 0 or np.ptp(predicted) == 0

    def averages(kind):
        figures = metrics.precision_recall_fscore_support(
            labels, predicted, average=kind, zero_division=0)
        return dict(zip(("precision", "recall", "f1"), map(float, figures[:3])))

    return {
        "classes": classes,
        "binary": binary(labels == 1, probabilities[:, 1]) if classes == 2 else None,
        "labels": labels.tolist(),
        "predicted": predicted.tolist(),
        "thousandths": scores.ravel().tolist(),
        "accuracy": metrics.accuracy_score(labels, predicted),
        "macro": averages("macro"),
        "weighted": averages("weighted"),
        "confusion": metrics.confusion_matrix(
            labels, predicted, labels=range(classes)).ravel().tolist(),
        "per_class": [[float(figure[label]) for figure in each] if occurs[label] else None
                      for label in range(classes)],
        "average_precision": list(map(number_or_none, average_precision)),
        "auc_roc": list(map(number_or_none, auc_roc)),
        "macro_auc_pr": float(np.mean(defined)) if defined else None,
        "macro_auc_pr_standard_error":
            float(np.std(defined, ddof=1) / np.sqrt(len(defined))) if len(defined) > 1 else None,
        "macro_auc_roc": float(np.mean(areas)) if areas else None,
        "pearson_r": None if constant else float(np.corrcoef(labels, predicted)[0, 1]),
    }


def main():
    warnings.simplefilter("error")
    generator = np.random.default_rng(7)
    cases = [case(generator, *shape) for shape in CASES]
    text = json.dumps(cases, separators=(",", ":")).replace('},{"classes"', '},\n{"classes"')
    Path(__file__).with_suffix(".json").write_text(text + "\n")
    generator = np.random.default_rng(8)
    cases = [multi_label_case(generator, *shape)
             for shape in ((5, 2, 0.5), (60, 4, 0.3), (200, 7, 0.1), (31, 3, 0.9))]
    text = json.dumps(cases, separators=(",", ":")).replace('},{"classes"', '},\n{"classes"')
    Path(__file__).with_name("metrics_multi_label.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
