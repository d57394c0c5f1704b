using System.Numerics.Tensors;
using TransferKit.Analysis.Linear;

namespace TransferKit.Analysis.Classifiers;

/// <summary>
/// Trains multinomial logistic regressions with a penalty of squared coefficients, as scikit-learn's LogisticRegression does: the sum of
/// the cross-entropies times <c>C</c>, plus half the squared coefficients. Intercepts have no penalty.
/// </summary>
internal static class LogisticRegression
{
    // Expected gain of another step, relative to the loss. To compare strengths needs less than to give scikit-learn's coefficients.
    private const double ComparisonTolerance = 3e-4;
    private const double FinalTolerance = 1e-13;
    private const int ComparisonSteps = 200;
    private const int FinalSteps = 2000;

    /// <summary>Chooses the strength by the loss of held-out rows, and trains on all rows with it.</summary>
    /// <param name="task">The rows.</param>
    /// <param name="strengths">scikit-learn's <c>C</c> of each strength.</param>
    /// <param name="progress">Progress reporter for the fraction done, 0..1.</param>
    /// <param name="cancellationToken">Token to cancel the training.</param>
    public static Fitted Train(
        ClassifierTask task, IReadOnlyList<double> strengths, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var preconditioner = new Preconditioner(task.Rows, cancellationToken);
        var loss = new SoftmaxLoss<float>(task.Rows, task.Classes, task.Labels.Length, task.FoldOf);
        SoftmaxTask[] folds =
        [
            .. Enumerable.Range(0, task.FoldCount).Select(fold => new SoftmaxTask(fold, task.FoldOf.Count(f => f != fold))),
        ];
        var descents = Array.ConvertAll(folds, _ => NewDescent<float>(task, ComparisonTolerance, ComparisonSteps));
        var (losses, curvature) = (new List<KeyValuePair<double, double>>(), FirstCurvature(task));
        (double Strength, double Loss, double[] Scores, double[] Point) best = (0, double.PositiveInfinity, [], []);
        var earlier = Array.ConvertAll(folds, _ => Array.Empty<float>());
        // From strong penalties to weak ones, each result is near the next, and nearer still is the line through the last two.
        foreach (var strength in strengths.Order())
        {
            foreach (var fold in folds)
                fold.Penalty = Penalty(task, strength, fold.Count);
            preconditioner.Factor(curvature, folds[0].Penalty);
            for (var f = 0; f < folds.Length; f++)
                earlier[f] = Extrapolate(descents[f].Point, earlier[f]);
            Minimise(loss, folds, descents, preconditioner, task.Labels.Length, cancellationToken);
            curvature = Math.Max(folds.Average(f => f.Curvature), 1e-3 * FirstCurvature(task));

            var scores = new double[task.Rows.Count * task.Labels.Length];
            for (var f = 0; f < folds.Length; f++)
                loss.ScoreFold(folds[f], descents[f].Point, scores);
            losses.Add(new(strength, TemperatureScaling.Loss(scores, task.Classes, task.Labels.Length, 1)));
            if (losses[^1].Value < best.Loss)
                best = (strength, losses[^1].Value, scores, Mean(descents));
            progress?.Report((double)losses.Count / (strengths.Count + 1));
        }
        var scorer = Fit(task, best.Strength, best.Point, preconditioner, cancellationToken);
        progress?.Report(1);
        return new(scorer, best.Scores, losses, best.Strength);
    }

    /// <summary>Trains on all rows with one strength.</summary>
    /// <param name="task">The rows.</param>
    /// <param name="strength">scikit-learn's <c>C</c>.</param>
    /// <param name="start">The point to begin at.</param>
    /// <param name="preconditioner">The preconditioner of the rows.</param>
    /// <param name="cancellationToken">Token to cancel the training.</param>
    public static LinearScorer Fit(
        ClassifierTask task, double strength, double[] start, Preconditioner preconditioner, CancellationToken cancellationToken)
    {
        var all = new SoftmaxTask(Folds.None, task.Rows.Count) { Penalty = Penalty(task, strength, task.Rows.Count) };
        var loss = new SoftmaxLoss<double>(task.Rows, task.Classes, task.Labels.Length, task.FoldOf);
        var descent = NewDescent<double>(task, FinalTolerance, FinalSteps);
        start.CopyTo(descent.Point, 0);
        var gradient = new double[descent.Point.Length];
        loss.Evaluate([all], [descent.Point], [gradient], cancellationToken);
        preconditioner.Factor(Math.Max(all.Curvature, 1e-3 * FirstCurvature(task)), all.Penalty);
        Minimise(loss, [all], [descent], preconditioner, task.Labels.Length, cancellationToken);
        return ToScorer(task, descent.Point);
    }

    /// <summary>Returns the point of a scorer's classes; classes that it does not know begin at zero.</summary>
    public static double[] PointOf(ClassifierTask task, LinearScorer scorer, IReadOnlyList<string> labels)
    {
        var (dimensions, count) = (task.Rows.Dimensions, task.Labels.Length);
        var point = new double[(dimensions + 1) * count];
        foreach (var (to, label) in task.Labels.Index())
        {
            var from = labels.ToList().IndexOf(label);
            if (from < 0)
                continue;
            var intercept = (double)scorer.Intercepts[from];
            for (var d = 0; d < dimensions; d++)
            {
                var coefficient = scorer.Coefficients[from * dimensions + d];
                point[d * count + to] = coefficient;
                intercept += coefficient * task.Rows.Mean[d];
            }
            point[dimensions * count + to] = intercept;
        }
        return point;
    }

    private static void Minimise<T>(
        SoftmaxLoss<T> loss, SoftmaxTask[] tasks, Descent<T>[] descents, Preconditioner preconditioner, int classes,
        CancellationToken cancellationToken)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        foreach (var descent in descents)
            descent.Start();
        while (descents.Index().Where(d => !d.Item.IsDone).ToArray() is { Length: > 0 } active)
        {
            T[][] gradients = [.. active.Select(a => a.Item.Gradient)];
            var losses = loss.Evaluate(
                [.. active.Select(a => tasks[a.Index])], [.. active.Select(a => a.Item.Trial)], gradients, cancellationToken);
            preconditioner.Apply(gradients, [.. active.Select(a => a.Item.Scaled)], classes);
            Blocks.Run(0, active.Length, 1, (from, _) => active[from].Item.Advance(losses[from]), cancellationToken);
        }
    }

    // Moves a point as far as it is from an earlier one, and returns where it was. At the first strength there is none, and at the second
    // the earlier one is the start.
    private static float[] Extrapolate(float[] point, float[] earlier)
    {
        var last = (float[])point.Clone();
        if (earlier.Length > 0)
        {
            TensorPrimitives.Subtract(last, earlier, point);
            TensorPrimitives.Add(point, last, point);
        }
        return last;
    }

    // scikit-learn has one coefficient for both of two classes, the difference of the softmax's two. Half its square is the sum of theirs.
    private static double Penalty(ClassifierTask task, double strength, int count) =>
        (task.Labels.Length == 2 ? 2 : 1) / (strength * count);

    // All classes are equally likely at first.
    private static double FirstCurvature(ClassifierTask task) => (1 - 1.0 / task.Labels.Length) / task.Labels.Length;

    private static Descent<T> NewDescent<T>(ClassifierTask task, double tolerance, int steps)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> =>
        new((task.Rows.Dimensions + 1) * task.Labels.Length, tolerance, steps);

    private static double[] Mean(Descent<float>[] descents) =>
        [.. Enumerable.Range(0, descents[0].Point.Length).Select(i => descents.Average(d => (double)d.Point[i]))];

    private static LinearScorer ToScorer(ClassifierTask task, double[] point)
    {
        var (dimensions, count) = (task.Rows.Dimensions, task.Labels.Length);
        var (coefficients, intercepts) = (new float[count * dimensions], new float[count]);
        for (var c = 0; c < count; c++)
        {
            var intercept = point[dimensions * count + c];
            for (var d = 0; d < dimensions; d++)
            {
                var coefficient = point[d * count + c];
                coefficients[c * dimensions + d] = (float)coefficient;
                intercept -= coefficient * task.Rows.Mean[d];
            }
            intercepts[c] = (float)intercept;
        }
        return new(coefficients, intercepts);
    }
}
