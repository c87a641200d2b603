using FullStack.Imap.Grammar;
using FullStack.Imap.Metadata;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Identity;

namespace FullStack.Imap.Search;

/// <summary>Puts searches that are kept on the server, as metadata of the server, into a search that names them.</summary>
/// <remarks>
/// RFC 5466 §3.1. A filter counts as one key, as if it stood in parentheses. Filters may name others, <see cref="MaxDepth"/> levels deep,
/// and together become at most <see cref="MaxFilters"/>: what names itself, one way or another, is as good as undefined.
/// </remarks>
internal sealed class FilterExpansion
{
    /// <summary>Levels of filters in filters; §3.1 asks for 3.</summary>
    public const int MaxDepth = 8;

    /// <summary>Most filters put into one search.</summary>
    public const int MaxFilters = 50;

    private const string PrivateValues = "/private/filters/values/", SharedValues = "/shared/filters/values/";

    private readonly IReadOnlyDictionary<string, byte[]> _entries;
    private int _filters;

    private FilterExpansion(IReadOnlyDictionary<string, byte[]> entries) => _entries = entries;

    private SearchProgram? Program { get; set; }

    /// <summary>The first filter that is not there, or is none.</summary>
    private string? Undefined { get; set; }

    /// <returns>The search without filters, and null; or the search as it was, and why it cannot be made.</returns>
    public static async ValueTask<(SearchProgram Program, ImapCompletion? Refusal)> RunAsync(ImapSession session, SearchProgram program, CancellationToken ct)
    {
        if (!program.UsesFilters || program.Key is null)
            return (program, null);
        if (!program.IsUtf8)
            return (program, ImapCompletion.Bad("The texts of filters are in UTF-8", "BADCHARSET (US-ASCII UTF-8)"));
        Result<IReadOnlyDictionary<string, byte[]>> entries = await MetadataAccess.ReadAsync(session, new MetadataTarget(IsServer: true, null), ct);
        if (!entries.Ok)
            return (program, ImapCompletion.No(entries.Error));
        FilterExpansion expansion = new(entries.Value) { Program = program };
        SearchKey key = program.Key.WithFilters(filter => expansion.KeyOf(filter, depth: 0));
        return expansion.Undefined is { } name
            ? (program, ImapCompletion.No("There is no such filter, or it is no search", "UNDEFINED-FILTER " + name))
            : (expansion.Program with { Key = key, UsesFilters = false }, null);
    }

    /// <summary>Whether an entry of the server's metadata can be kept: a filter's value has to be a search (§3.2).</summary>
    public static bool IsValid(MetadataChange change)
        => change.Value is null || TryParse(change.Value, out _)
            || !(change.Entry.StartsWith(PrivateValues, StringComparison.OrdinalIgnoreCase) || change.Entry.StartsWith(SharedValues, StringComparison.OrdinalIgnoreCase));

    private static bool TryParse(byte[] value, out SearchProgram? program)
    {
        ImapReader reader = new(value);
        return reader.TryReadSearchKeys(out program);
    }

    private SearchKey KeyOf(SearchKey.Filter filter, int depth)
    {
        string name = filter.Name.ToLowerInvariant();
        bool isThere = _entries.TryGetValue(PrivateValues + name, out byte[]? value) || _entries.TryGetValue(SharedValues + name, out value);
        if (!isThere || depth == MaxDepth || ++_filters > MaxFilters || !TryParse(value!, out SearchProgram? program) || program?.Key is null)
        {
            Undefined ??= filter.Name;
            return filter;
        }

        Program = Program! with
        {
            UsesModSeq = Program.UsesModSeq || program.UsesModSeq,
            UsesNumbers = Program.UsesNumbers || program.UsesNumbers,
            UsesFuzzy = Program.UsesFuzzy || program.UsesFuzzy,
            Identities = Program.Identities | program.Identities,
        };
        return program.Key.WithFilters(inner => KeyOf(inner, depth + 1));
    }
}
