using TransferKit.Common;
using TransferKit.Imaging.Skia;

namespace TransferKit;

/// <summary>Specifies how a heat map was computed.</summary>
public enum ExplanationMethod
{
    /// <summary>
    /// The class activation map (Zhou et al. 2016): the classifier's head at each place of the last map. It is exact for heads on global
    /// average pooling.
    /// </summary>
    ClassActivation,

    /// <summary>
    /// Grad-CAM (Selvaraju et al. 2017): the channels of the last map, weighted by the mean gradient of the class's score before its
    /// activation, where their sum is positive. It is for other heads that are a chain of layers.
    /// </summary>
    GradientActivation,

    /// <summary>How much the class's score falls while a part of the picture is grey. It is for all classifiers, and slower.</summary>
    Occlusion,
}

/// <summary>Represents the parts of a picture that speak for a class. It is immutable.</summary>
public sealed class HeatMap
{
    private readonly float[] _values;
    private readonly RgbImage _picture;

    internal HeatMap(ExplanationMethod method, Prediction prediction, int height, int width, float[] values, RgbImage picture)
    {
        (Method, Prediction, Height, Width) = (method, prediction, height, width);
        (_values, _picture) = (values, picture);
    }

    /// <summary>Gets how the map was computed.</summary>
    public ExplanationMethod Method { get; }

    /// <summary>Gets the class that the map is for, with its score.</summary>
    public Prediction Prediction { get; }

    /// <summary>Gets the number of rows.</summary>
    public int Height { get; }

    /// <summary>Gets the number of columns.</summary>
    public int Width { get; }

    /// <summary>
    /// Gets the values, row by row. Of <see cref="ExplanationMethod.ClassActivation"/> their mean is the score before the activation; of
    /// <see cref="ExplanationMethod.GradientActivation"/> none is negative. Of <see cref="ExplanationMethod.Occlusion"/> each is what the
    /// score loses without that part.
    /// </summary>
    public IReadOnlyList<float> Values => _values;

    /// <summary>Gets the value of a place.</summary>
    /// <param name="row">The row, from the top.</param>
    /// <param name="column">The column, from the left.</param>
    public float this[int row, int column]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Height, nameof(row));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)Width, nameof(column));
            return _values[row * Width + column];
        }
    }

    /// <summary>
    /// Draws the map over the picture, yellow to red where it is high. Where the picture was cropped or padded for the network, it is drawn
    /// over what the network saw.
    /// </summary>
    /// <param name="opacity">The opacity of the highest place, 0..1. Defaults to 0.6.</param>
    /// <exception cref="ArgumentOutOfRangeException">The opacity is not from 0 to 1.</exception>
    public RgbImage Overlay(double opacity = 0.6)
    {
        if (opacity is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(opacity), opacity, "The opacity must be from 0 to 1.");
        var (least, most) = (_values.Min(), _values.Max());
        var span = most - least;
        var drawn = _picture.Pixels.ToArray();
        for (var (y, at) = (0, 0); y < _picture.Height; y++)
        {
            for (var x = 0; x < _picture.Width; x++, at += 3)
            {
                var heat = span == 0 ? 0 : (At((y + 0.5f) / _picture.Height, (x + 0.5f) / _picture.Width) - least) / span;
                var share = heat * (float)opacity;
                ReadOnlySpan<float> colour = [255, 255 * (1 - heat), 0];
                for (var c = 0; c < 3; c++)
                    drawn[at + c] = (byte)MathF.Round(drawn[at + c] * (1 - share) + colour[c] * share);
            }
        }
        return RgbImage.FromRgb24(_picture.Width, _picture.Height, drawn);
    }

    /// <summary>Saves <see cref="Overlay"/> as a PNG file.</summary>
    /// <param name="path">The path of the file. An existing one is replaced.</param>
    /// <exception cref="OutputFormatException">The extension is not <c>.png</c>.</exception>
    /// <exception cref="OutputFileException">The file cannot be written.</exception>
    public void SavePng(string path) =>
        AtomicFile.Write(OutputTarget.Of(path, ".png"), stream => stream.Write(PictureEncoder.Png(Overlay())));

    /// <summary>Returns <c>7 x 7 ClassActivation of tabby (0.61)</c>.</summary>
    public override string ToString() => Printable.Of(FormattableString.Invariant(
        $"{Height} x {Width} {Method} of {Prediction.Label} ({Prediction.Score:0.00})"));

    // Interpolates between the centres of places. Coordinates are relative, 0..1.
    private float At(float y, float x)
    {
        var (row, down) = Place(y, Height);
        var (column, right) = Place(x, Width);
        var (below, beside) = (Math.Min(row + 1, Height - 1), Math.Min(column + 1, Width - 1));
        var upper = float.Lerp(_values[row * Width + column], _values[row * Width + beside], right);
        var lower = float.Lerp(_values[below * Width + column], _values[below * Width + beside], right);
        return float.Lerp(upper, lower, down);
    }

    private static (int Place, float Share) Place(float relative, int count)
    {
        var at = Math.Clamp(relative * count - 0.5f, 0, count - 1);
        return ((int)at, at - (int)at);
    }
}
