using System.Collections.Immutable;

namespace FullStack.Conformance.Interleaving;

/// <summary>A message's flags and keywords; \Recent is not one of them.</summary>
internal static class Flags
{
    public static readonly ImmutableSortedSet<string> None = ImmutableSortedSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Those that the model's clients use.</summary>
    public static readonly string[] All = [@"\Seen", @"\Answered", @"\Flagged", @"\Deleted", @"\Draft", "$Work", "later"];

    public const string Seen = @"\Seen", Deleted = @"\Deleted", Recent = @"\Recent";

    /// <summary>Flags as FETCH tells them.</summary>
    public static (ImmutableSortedSet<string> Flags, bool Recent) From(object? list)
    {
        ImmutableSortedSet<string> flags = None.Union(((IReadOnlyList<object?>)list!).Select(static flag => (string)flag!));
        return (flags.Remove(Recent), flags.Contains(Recent));
    }

    /// <summary>Flags after a STORE with <c>+FLAGS</c>, <c>-FLAGS</c> or <c>FLAGS</c>.</summary>
    public static ImmutableSortedSet<string> Apply(ImmutableSortedSet<string> before, char operation, ImmutableSortedSet<string> named) => operation switch
    {
        '+' => before.Union(named),
        '-' => before.Except(named),
        _ => named,
    };

    public static string Text(ImmutableSortedSet<string> flags) => $"({string.Join(' ', flags)})";
}
