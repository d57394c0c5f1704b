using System.Globalization;
using TransferKit.Analysis.Pictures;
using TransferKit.Analysis.Similarity;

namespace TransferKit.Analysis.Checking;

/// <summary>
/// Finds copies of pictures: of the same bytes, of the same pixels, and near ones. Of the copies in one set the first is kept, of near ones
/// the largest; the others are findings. A copy in the other set is a leak.
/// </summary>
internal sealed class Copies(IReadOnlyList<CheckedPicture> pictures, DataCheckOptions options)
{
    // Neighbours farther than this are no copies, even if they are cropped and encoded anew.
    private const float LeastCandidateCosine = 0.7f;

    private readonly List<DataFinding> _findings = [];
    private readonly Dictionary<int, (int Test, double Score, string How)> _leaks = [];
    private readonly HashSet<int> _removed = [];

    // The first picture of the same pixels in the same set.
    private readonly int[] _firsts = [.. Enumerable.Range(0, pictures.Count)];

    public IReadOnlyList<DataFinding> Findings =>
    [
        .. _findings,
        .. _leaks.OrderBy(l => l.Key).Select(l => pictures[l.Key].Finding(
            DataFindingKind.Leak, $"{l.Value.How} '{pictures[l.Value.Test].Path}', a picture of the test.", l.Value.Score) with
            {
                Other = pictures[l.Value.Test].Path,
            }),
    ];

    /// <summary>Finds the pictures of the same bytes or pixels.</summary>
    public void AddExact()
    {
        var readable = Enumerable.Range(0, pictures.Count).Where(i => pictures[i].Facts is not null).ToArray();
        foreach (var group in readable.GroupBy(i => pictures[i].Facts!.Pixels).Where(g => g.Count() > 1))
        {
            foreach (var set in group.GroupBy(i => pictures[i].IsTest))
            {
                var first = set.First();
                foreach (var copy in set.Skip(1))
                {
                    _firsts[copy] = first;
                    _removed.Add(copy);
                    var twin = set.First(i => i == copy || SameBytes(i, copy));
                    if (twin != copy)
                        Add(DataFindingKind.Duplicate, copy, twin, 1, "It has the same bytes as");
                    else
                        Add(DataFindingKind.PixelDuplicate, copy, first, 1, "It has the same pixels as");
                }
            }
            foreach (var own in group.Where(i => !pictures[i].IsTest))
            {
                foreach (var test in group.Where(i => pictures[i].IsTest))
                    Leak(own, test, 1, SameBytes(own, test) ? "It has the same bytes as" : "It has the same pixels as");
            }
        }
    }

    /// <summary>Finds near copies among neighbours.</summary>
    /// <param name="graph">The neighbours of each row of features.</param>
    /// <param name="rows">The picture of each row.</param>
    /// <param name="cancellationToken">Token to cancel the comparison.</param>
    public void AddNear(NeighbourGraph graph, int[] rows, CancellationToken cancellationToken)
    {
        var pairs = Candidates(graph, rows);
        var scores = new double[pairs.Count];
        Parallel.For(0, pairs.Count, new ParallelOptions { CancellationToken = cancellationToken }, i => scores[i] = Score(pairs[i]));
        var near = Enumerable.Range(0, pairs.Count).Where(i => scores[i] > 0).Select(i => (pairs[i].A, pairs[i].B, Score: scores[i]))
            .OrderByDescending(p => p.Score).ThenBy(p => p.A).ThenBy(p => p.B).ToArray();
        foreach (var (a, b, score) in near.Where(p => pictures[p.A].IsTest != pictures[p.B].IsTest))
        {
            var (own, test) = pictures[a].IsTest ? (b, a) : (a, b);
            Leak(own, test, score, "It is a near copy of");
        }
        var partners = near.Where(p => pictures[p.A].IsTest == pictures[p.B].IsTest)
            .SelectMany(p => new[] { (From: p.A, To: p.B, p.Score), (From: p.B, To: p.A, p.Score) }).ToLookup(p => p.From);
        // A chain of similar pictures, such as a film's, is not one group: each copy resembles the picture that is kept itself.
        foreach (var kept in partners.Select(p => p.Key).OrderByDescending(Area).ThenBy(i => i))
        {
            if (_removed.Contains(kept))
                continue;
            foreach (var (_, copy, score) in partners[kept].Where(p => !_removed.Contains(p.To)))
            {
                _removed.Add(copy);
                Add(DataFindingKind.NearDuplicate, copy, kept, score, "It is a near copy of");
            }
            _removed.Add(kept);
        }
    }

    private List<(int A, int B, float Cosine)> Candidates(NeighbourGraph graph, int[] rows)
    {
        var (pairs, seen) = (new List<(int A, int B, float Cosine)>(), new HashSet<(int, int)>());
        for (var row = 0; row < rows.Length; row++)
        {
            var others = graph.RowsOf(row);
            var cosines = graph.CosinesOf(row);
            for (var n = 0; n < others.Length && cosines[n] >= LeastCandidate(rows[row], rows[others[n]]); n++)
            {
                var (a, b) = (_firsts[rows[row]], _firsts[rows[others[n]]]);
                if (a != b && !SamePixels(a, b) && seen.Add(a < b ? (a, b) : (b, a)))
                    pairs.Add(a < b ? (a, b, cosines[n]) : (b, a, cosines[n]));
            }
        }
        return pairs;
    }

    // Vectors without pictures are judged by the cosine alone. Millions of them must not be collected in vain.
    private double LeastCandidate(int a, int b) =>
        pictures[a].Facts is null || pictures[b].Facts is null ? options.LeastCosine : LeastCandidateCosine;

    // The likeness of near copies; 0 for others.
    private double Score((int A, int B, float Cosine) pair)
    {
        if (pictures[pair.A].Facts is not { } a || pictures[pair.B].Facts is not { } b)
            return pair.Cosine >= options.LeastCosine ? pair.Cosine : 0;
        var correlation = Thumbnail.Correlation(a.Thumbnail, b.Thumbnail);
        return correlation >= options.LeastCorrelation ? correlation : 0;
    }

    private void Add(DataFindingKind kind, int copy, int kept, double score, string how)
    {
        var (own, other) = (pictures[copy], pictures[kept]);
        var labels = own.Label == other.Label ? "" : $" Their labels differ: {own.Label} and {other.Label}.";
        _findings.Add(own.Finding(kind, $"{how} '{other.Path}'{Likeness(score)}.{labels}", score) with { Other = other.Path });
    }

    private void Leak(int own, int test, double score, string how)
    {
        if (!_leaks.TryGetValue(own, out var known) || known.Score < score)
            _leaks[own] = (test, score, how);
    }

    private static string Likeness(double score) =>
        score == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" (likeness {score:0.000})");

    private long Area(int picture) => pictures[picture].Facts is { } facts ? (long)facts.Width * facts.Height : 0;

    private bool SameBytes(int a, int b) => pictures[a].Facts!.Bytes == pictures[b].Facts!.Bytes;

    private bool SamePixels(int a, int b) =>
        pictures[a].Facts is { } first && pictures[b].Facts is { } second && first.Pixels == second.Pixels;
}
