namespace TransferKit.Cli;

/// <summary>Represents the default of an option that a variable of the environment or a file states.</summary>
/// <param name="Name">The name in a file, which is the option's without its dashes.</param>
/// <param name="Values">The values: one, or several of an option that can be repeated.</param>
/// <param name="Source">The variable or the file.</param>
internal sealed record Setting(string Name, IReadOnlyList<string> Values, string Source)
{
    public string Option => $"--{Name}";

    public string Text => string.Join(", ", Values);

    /// <summary>Gets the meaning of the value, as the variable of the library has it: everything but 0 and false is true.</summary>
    public bool IsOn => Values[0] is not ("" or "0") && !Values[0].Equals("false", StringComparison.OrdinalIgnoreCase);
}
