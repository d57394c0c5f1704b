namespace TransferKit.Training;

/// <summary>Specifies the directions in which images are mirrored (Keras: <c>mode</c>).</summary>
public enum FlipMode
{
    /// <summary>Flips left to right and top to bottom, each with a probability of one half. This is Keras' default.</summary>
    HorizontalAndVertical,

    /// <summary>Flips left to right with a probability of one half.</summary>
    Horizontal,

    /// <summary>Flips top to bottom with a probability of one half.</summary>
    Vertical,
}

/// <summary>Mirrors images (Keras: <c>RandomFlip</c>).</summary>
/// <param name="mode">The directions to mirror in.</param>
public sealed class RandomFlip(FlipMode mode = FlipMode.HorizontalAndVertical) : Augmentation
{
    /// <inheritdoc/>
    public override string ToString() => mode switch
    {
        FlipMode.Horizontal => "flip:horizontal",
        FlipMode.Vertical => "flip:vertical",
        _ => "flip:horizontal_and_vertical",
    };

    internal override void Apply(FloatImage image, Random random)
    {
        var (across, down) = (random.Next(2) == 1, random.Next(2) == 1);
        (int Height, int Width) last = (image.Height - 1, image.Width - 1);
        if (across && mode != FlipMode.Vertical)
            image.Transform(-1, 0, last.Width, 0, 1, 0, FillMode.Nearest);
        if (down && mode != FlipMode.Horizontal)
            image.Transform(1, 0, 0, 0, -1, last.Height, FillMode.Nearest);
    }
}

/// <summary>Rotates images about their centres (Keras: <c>RandomRotation</c>).</summary>
/// <param name="factor">The largest angle to each side as a fraction of a full turn: 0.1 is 36 degrees.</param>
/// <param name="fill">The fill mode of the corners.</param>
public sealed class RandomRotation(double factor, FillMode fill = FillMode.Reflect) : Augmentation
{
    private readonly double _factor = Checked(factor, 1, nameof(factor));

    /// <inheritdoc/>
    public override string ToString() => $"rotation:{Text(_factor)}{Filled(fill)}";

    internal override void Apply(FloatImage image, Random random)
    {
        var angle = Uniform(random, -_factor, _factor) * 2 * Math.PI;
        var (cos, sin) = (Math.Cos(angle), Math.Sin(angle));
        var (w, h) = (image.Width - 1, image.Height - 1);
        image.Transform(
            cos, -sin, (w - (cos * w - sin * h)) / 2,
            sin, cos, (h - (sin * w + cos * h)) / 2, fill);
    }
}

/// <summary>Zooms images in and out about their centres (Keras: <c>RandomZoom</c>).</summary>
public sealed class RandomZoom : Augmentation
{
    private readonly double _height;
    private readonly double? _width;
    private readonly FillMode _fill;

    /// <summary>Initializes a zoom from the largest change of height and width.</summary>
    /// <param name="heightFactor">The largest change of height: 0.2 shows from 80% to 120% of the height.</param>
    /// <param name="widthFactor">The largest change of width. If null, the zoom keeps proportions.</param>
    /// <param name="fill">The fill mode of the border.</param>
    public RandomZoom(double heightFactor, double? widthFactor = null, FillMode fill = FillMode.Reflect)
    {
        _height = Checked(heightFactor, 1, nameof(heightFactor));
        _width = widthFactor is { } w ? Checked(w, 1, nameof(widthFactor)) : null;
        _fill = fill;
    }

    /// <inheritdoc/>
    public override string ToString() => $"zoom:{Text(_height)}{(_width is { } w ? $"x{Text(w)}" : "")}{Filled(_fill)}";

    internal override void Apply(FloatImage image, Random random)
    {
        var down = 1 + Uniform(random, -_height, _height);
        var across = _width is { } w ? 1 + Uniform(random, -w, w) : down;
        image.Transform(across, 0, (image.Width - 1) / 2.0 * (1 - across), 0, down, (image.Height - 1) / 2.0 * (1 - down), _fill);
    }
}

/// <summary>Shifts images (Keras: <c>RandomTranslation</c>).</summary>
/// <param name="heightFactor">The largest shift up or down as a fraction of the height.</param>
/// <param name="widthFactor">The largest shift left or right as a fraction of the width.</param>
/// <param name="fill">The fill mode of the border.</param>
public sealed class RandomTranslation(double heightFactor, double widthFactor, FillMode fill = FillMode.Reflect) : Augmentation
{
    private readonly double _height = Checked(heightFactor, 1, nameof(heightFactor));
    private readonly double _width = Checked(widthFactor, 1, nameof(widthFactor));

    /// <inheritdoc/>
    public override string ToString() => $"translation:{Text(_height)}x{Text(_width)}{Filled(fill)}";

    internal override void Apply(FloatImage image, Random random)
    {
        var down = Uniform(random, -_height, _height) * image.Height;
        var right = Uniform(random, -_width, _width) * image.Width;
        image.Transform(1, 0, -right, 0, 1, -down, fill);
    }
}
