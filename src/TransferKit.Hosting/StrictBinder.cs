using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace TransferKit.Hosting;

/// <summary>Binds sections to options so that unknown keys and wrong values are errors that name the section.</summary>
internal static class StrictBinder
{
    /// <param name="section">The section.</param>
    /// <param name="options">The object to write into.</param>
    /// <param name="name">The name of the options, for the error.</param>
    /// <param name="except">A key that is no property of the options; null for none.</param>
    /// <exception cref="OptionsValidationException">A key is unknown, or a value has another type.</exception>
    [RequiresDynamicCode("The binder of configuration needs it.")]
    [RequiresUnreferencedCode("The binder of configuration needs it.")]
    public static void Bind(IConfigurationSection section, object options, string name, string? except = null)
    {
        try
        {
            Without(section, except).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        // Property setters throw the latter for values out of their range.
        catch (Exception e) when (e is InvalidOperationException or System.Reflection.TargetInvocationException or ArgumentException)
        {
            throw Fault(options.GetType(), name, section, e.InnerException is { } cause ? $"{e.Message} {cause.Message}" : e.Message);
        }
    }

    /// <summary>Creates the error of a section.</summary>
    public static OptionsValidationException Fault(Type options, string name, IConfiguration section, string problem) =>
        new(name, options, [section is IConfigurationSection { Path: { Length: > 0 } path } ? $"{path}: {problem}" : problem]);

    // A copy under the same path, so that the binder's errors name it.
    private static IConfiguration Without(IConfigurationSection section, string? key)
    {
        if (key is null)
            return section;
        var others = section.AsEnumerable().Where(
            e => !e.Key.Equals(ConfigurationPath.Combine(section.Path, key), StringComparison.OrdinalIgnoreCase));
        return new ConfigurationBuilder().AddInMemoryCollection(others).Build().GetSection(section.Path);
    }
}
