using System.Collections.Frozen;
using System.Text;
using FullStack.Smtp.Commands;
using FullStack.Smtp.Grammar;

namespace FullStack.Smtp.Server;

/// <summary>All verbs: dispatch, state checks and HELP read this list and no other.</summary>
internal static class SmtpVerbTable
{
    private const int MaxVerbOctets = 16;

    private static readonly List<SmtpVerbEntry> Entries =
    [
        Row<HeloCommand>(), Row<EhloCommand>(), Row<LhloCommand>(), Row<StartTlsCommand>(), Row<AuthCommand>(), Row<MailCommand>(), Row<RcptCommand>(),
        Row<DataCommand>(), Row<BdatCommand>(), Row<BurlCommand>(), Row<RsetCommand>(), Row<NoopCommand>(), Row<VrfyCommand>(), Row<ExpnCommand>(), Row<EtrnCommand>(), Row<AtrnCommand>(), Row<HelpCommand>(), Row<QuitCommand>(), Row<XclientCommand>(),
        Refused("TURN", SmtpVerbFlags.NotOffered),
        Refused("SEND", SmtpVerbFlags.NotOffered), Refused("SOML", SmtpVerbFlags.NotOffered), Refused("SAML", SmtpVerbFlags.NotOffered),
        Refused("GET", SmtpVerbFlags.Junk), Refused("POST", SmtpVerbFlags.Junk), Refused("PUT", SmtpVerbFlags.Junk), Refused("HEAD", SmtpVerbFlags.Junk),
        Refused("OPTIONS", SmtpVerbFlags.Junk), Refused("CONNECT", SmtpVerbFlags.Junk), Refused("DELETE", SmtpVerbFlags.Junk),
    ];

    private static readonly FrozenDictionary<string, SmtpVerbEntry> ByName
        = Entries.ToFrozenDictionary(static entry => entry.Verb.Name, StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, SmtpVerbEntry>.AlternateLookup<ReadOnlySpan<char>> Lookup
        = ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The verbs that a session can use, in the order in which HELP shows them.</summary>
    public static IEnumerable<SmtpVerb> OfferedTo(SmtpSession session) => Entries.Select(static entry => entry.Verb)
        .Where(verb => verb.States != SmtpStates.None && verb.IsKnownTo(session.Server.Role) && verb.IsFor(session));

    /// <summary>All rows, for tests that walk the table.</summary>
    public static IReadOnlyList<SmtpVerbEntry> All => Entries;

    /// <summary>Finds a verb, ASCII case ignored; null where it is unknown.</summary>
    public static SmtpVerbEntry? Find(ReadOnlySpan<byte> verb)
    {
        Span<char> name = stackalloc char[MaxVerbOctets];
        return verb.Length <= MaxVerbOctets && Ascii.IsValid(verb) && Lookup.TryGetValue(name[..Encoding.ASCII.GetChars(verb, name)], out SmtpVerbEntry? entry)
            ? entry
            : null;
    }

    private static SmtpVerbEntry Row<TCommand>()
        where TCommand : class, ISmtpCommand<TCommand>
        => new(TCommand.Verb, static (ref SmtpReader reader) => TCommand.TryParse(ref reader, out TCommand? command) ? command : null);

    private static SmtpVerbEntry Refused(string name, SmtpVerbFlags flags)
        => new(new(name, SmtpStates.None, name, flags), static (ref SmtpReader _) => null);
}
