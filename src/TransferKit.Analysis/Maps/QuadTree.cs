namespace TransferKit.Analysis.Maps;

/// <summary>
/// Divides points of the plane for Barnes and Hut's approximation: from far away, the points of a node act like one point in their middle.
/// Nodes are in depth-first order and know where their subtree ends, so a walk needs no stack.
/// </summary>
internal sealed class QuadTree
{
    private readonly double[] _x;
    private readonly double[] _y;
    private readonly int[] _order;
    private readonly Node[] _nodes;
    private readonly double _openness;
    private int _count;

    /// <param name="x">The first coordinates. A later <see cref="Build"/> reads them again.</param>
    /// <param name="y">The second coordinates.</param>
    /// <param name="angle">The ratio of a node's size to its distance under which it acts as one point. 0 is exact.</param>
    public QuadTree(double[] x, double[] y, double angle)
    {
        (_x, _y, _openness) = (x, y, 1 / (angle * angle));
        (_order, _nodes) = (new int[x.Length], new Node[2 * x.Length]);
    }

    /// <summary>Divides the points where they are now.</summary>
    public void Build()
    {
        for (var i = 0; i < _order.Length; i++)
            _order[i] = i;
        _count = 0;
        Divide(0, _order.Length);
    }

    /// <summary>Returns the sum over all points of the kernel of t-SNE, and of its square times the difference to a point.</summary>
    /// <remarks>A point has the kernel 1 with itself, which the caller subtracts.</remarks>
    public (double Kernel, double X, double Y) SumAt(double x, double y)
    {
        var (kernel, forceX, forceY) = (0.0, 0.0, 0.0);
        for (var at = 0; at < _count;)
        {
            ref readonly var node = ref _nodes[at];
            var (dx, dy) = (x - node.X, y - node.Y);
            var square = dx * dx + dy * dy;
            if (node.Reach >= square && node.Reach > 0)
            {
                at++;
                continue;
            }
            var near = 1 / (1 + square);
            var weight = node.Points * near;
            kernel += weight;
            weight *= near;
            forceX += weight * dx;
            forceY += weight * dy;
            at = node.Next;
        }
        return (kernel, forceX, forceY);
    }

    private void Divide(int from, int to)
    {
        var (left, right, bottom, top) =
            (double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity, double.NegativeInfinity);
        var (sumX, sumY) = (0.0, 0.0);
        foreach (var i in _order.AsSpan(from, to - from))
        {
            (left, right) = (Math.Min(left, _x[i]), Math.Max(right, _x[i]));
            (bottom, top) = (Math.Min(bottom, _y[i]), Math.Max(top, _y[i]));
            (sumX, sumY) = (sumX + _x[i], sumY + _y[i]);
        }
        var (own, points, size) = (_count++, to - from, Math.Max(right - left, top - bottom));
        if (size > 0)
        {
            var (centreX, centreY) = (left + (right - left) / 2, bottom + (top - bottom) / 2);
            var middle = Part(_y, from, to, centreY);
            var (first, last) = (Part(_x, from, middle, centreX), Part(_x, middle, to, centreX));
            // Coordinates one rounding apart may not divide. Such points are one.
            if (Math.Max(Math.Max(first - from, middle - first), Math.Max(last - middle, to - last)) == points)
            {
                size = 0;
            }
            else
            {
                DivideIfAny(from, first);
                DivideIfAny(first, middle);
                DivideIfAny(middle, last);
                DivideIfAny(last, to);
            }
        }
        _nodes[own] = new(sumX / points, sumY / points, points, size > 0 ? size * size * _openness : 0, _count);
    }

    private void DivideIfAny(int from, int to)
    {
        if (to > from)
            Divide(from, to);
    }

    // Points up to the limit come first.
    private int Part(double[] coordinates, int from, int to, double limit)
    {
        var place = from;
        for (var i = from; i < to; i++)
        {
            if (coordinates[_order[i]] <= limit)
            {
                (_order[i], _order[place]) = (_order[place], _order[i]);
                place++;
            }
        }
        return place;
    }

    // The reach is the square of the distance up to which the walk must enter the node.
    private readonly record struct Node(double X, double Y, int Points, double Reach, int Next);
}
