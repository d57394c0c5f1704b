namespace TransferKit.Analysis.Similarity;

/// <summary>
/// Collects the rows that may be among the nearest of a query. A row is left out only if as many rows as are wanted are nearer for certain:
/// its upper bound is under their lower bounds.
/// </summary>
/// <param name="wanted">The number of rows that the search returns.</param>
internal sealed class Candidates(int wanted)
{
    private readonly PriorityQueue<float, float> _certain = new();
    private readonly List<(int Row, float Most)> _rows = [];
    private int _nextSweep = 1024;

    /// <summary>Gets the lower bound that a row's upper bound must reach.</summary>
    public float Least { get; private set; } = float.NegativeInfinity;

    public IReadOnlyList<(int Row, float Most)> Rows => _rows;

    public void Add(int row, float rank, float bound)
    {
        if (!(rank + bound >= Least))
            return;
        _rows.Add((row, rank + bound));
        Certain(rank - bound);
        if (_rows.Count < _nextSweep)
            return;
        Sweep();
        _nextSweep = Math.Max(1024, 2 * _rows.Count);
    }

    /// <summary>Takes the rows that another part of the search collected.</summary>
    public void Merge(Candidates other)
    {
        foreach (var (least, _) in other._certain.UnorderedItems)
            Certain(least);
        _rows.AddRange(other._rows);
        Sweep();
    }

    private void Certain(float least)
    {
        if (_certain.Count < wanted)
            _certain.Enqueue(least, least);
        else
            _certain.EnqueueDequeue(least, least);
        if (_certain.Count == wanted)
            Least = _certain.Peek();
    }

    private void Sweep() => _rows.RemoveAll(r => r.Most < Least);
}
