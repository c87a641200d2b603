namespace FullStack.Queue.Routing;

/// <summary>Settings of routing.</summary>
public sealed class RoutingOptions
{
    /// <summary>Local domains besides those of the directory.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Character after which the local part is a detail that does not choose the account; empty: none does.</summary>
    public string DetailSeparator { get; init; } = "+";
}
