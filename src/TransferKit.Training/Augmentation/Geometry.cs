namespace TransferKit.Training;

/// <summary>Which way images are mirrored (Keras: <c>mode</c>).</summary>
public enum FlipMode
{
    /// <summary>Left to right and top to bottom, each of every second image; Keras' default.</summary>
    HorizontalAndVertical,

    /// <summary>Left to right, every second image.</summary>
    Horizontal,

    /// <summary>Top to bottom, every second image.</summary>
    Vertical,
}

/// <summary>Mirrors images (Keras: <c>RandomFlip</c>).</summary>
/// <param name="mode">Which way.</param>
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

/// <summary>Turns images about their centres (Keras: <c>RandomRotation</c>).</summary>
/// <param name="factor">The most to each side as a share of a full turn: 0.1 is 36 degrees.</param>
/// <param name="fill">What fills the corners.</param>
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

/// <summary>Zooms images in and out, about their centres (Keras: <c>RandomZoom</c>).</summary>
public sealed class RandomZoom : Augmentation
{
    private readonly double _height;
    private readonly double? _width;
    private readonly FillMode _fill;

    /// <summary>Zooms by up to the given shares.</summary>
    /// <param name="heightFactor">The most either way: 0.2 shows from 80% to 120% of the height.</param>
    /// <param name="widthFactor">The same for the width; as the height, keeping proportions, when left out.</param>
    /// <param name="fill">What fills the border.</param>
    public RandomZoom(double heightFactor, double? widthFactor = null, FillMode fill = FillMode.Reflect) =>
        (_height, _width, _fill) = (Checked(heightFactor, 1, nameof(heightFactor)), widthFactor is { } w ? Checked(w, 1, nameof(widthFactor)) : null, fill);

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
/// <param name="heightFactor">The most up or down as a share of the height.</param>
/// <param name="widthFactor">The most left or right as a share of the width.</param>
/// <param name="fill">What fills the border.</param>
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
