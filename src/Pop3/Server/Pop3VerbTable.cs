using System.Collections.Frozen;
using System.Text;
using FullStack.Pop3.Commands;
using FullStack.Pop3.Grammar;

namespace FullStack.Pop3.Server;

/// <summary>All verbs: dispatch, state checks and CAPA read this list and no other.</summary>
internal static class Pop3VerbTable
{
    private const int MaxVerbOctets = 7;

    private static readonly List<Pop3VerbEntry> Entries =
    [
        Row<UserCommand>(), Row<PassCommand>(), Row<ApopCommand>(), Row<AuthCommand>(), Row<StlsCommand>(), Row<StatCommand>(), Row<ListCommand>(), Row<RetrCommand>(), Row<TopCommand>(),
        Row<UidlCommand>(), Row<DeleCommand>(), Row<RsetCommand>(), Row<NoopCommand>(), Row<Utf8Command>(), Row<LangCommand>(), Row<CapaCommand>(), Row<QuitCommand>(), Row<XclientCommand>(),
    ];

    private static readonly FrozenDictionary<string, Pop3VerbEntry>.AlternateLookup<ReadOnlySpan<char>> Lookup = Entries
        .ToFrozenDictionary(static entry => entry.Verb.Name, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>All rows, in the order of CAPA.</summary>
    public static IReadOnlyList<Pop3VerbEntry> All => Entries;

    /// <summary>Finds a verb, ASCII case ignored; null where it is unknown.</summary>
    public static Pop3VerbEntry? Find(ReadOnlySpan<byte> verb)
    {
        Span<char> name = stackalloc char[MaxVerbOctets];
        return verb.Length <= MaxVerbOctets && Ascii.IsValid(verb) && Lookup.TryGetValue(name[..Encoding.ASCII.GetChars(verb, name)], out Pop3VerbEntry? entry)
            ? entry
            : null;
    }

    private static Pop3VerbEntry Row<TCommand>()
        where TCommand : class, IPop3Command<TCommand>
        => new(TCommand.Verb, static (ref Pop3Reader reader) => TCommand.TryParse(ref reader, out TCommand? command) ? command : null);
}
