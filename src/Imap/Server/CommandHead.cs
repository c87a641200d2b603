using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Languages;

namespace FullStack.Imap.Server;

/// <summary>The start of a command's first line: whose answer it will be and what is asked.</summary>
/// <param name="Tag">The tag; <c>*</c> where it has none that could be answered.</param>
/// <param name="Entry">The verb; null where it is refused.</param>
/// <param name="ArgumentsAt">Position after the verb.</param>
/// <param name="Refusal">Why the command cannot run; null where it can.</param>
internal sealed record CommandHead(byte[] Tag, ImapVerbEntry? Entry, int ArgumentsAt, ImapCompletion? Refusal)
{
    /// <summary>Whether the client may use UTF-8 in quoted strings.</summary>
    public bool Utf8 { get; init; }

    /// <summary>Longest tag answered, in octets. Clients use fewer than ten.</summary>
    public const int MaxTagOctets = 200;

    // tag = 1*<any ASTRING-CHAR except "+">
    private static readonly SearchValues<byte> TagCharacters
        = SearchValues.Create("!#$&',-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz|}~"u8);

    private static readonly byte[] NoTag = "*"u8.ToArray();

    /// <summary>command = tag SP verb …, in a state where the verb is valid.</summary>
    public static CommandHead Read(ReadOnlySpan<byte> line, ImapVerbTable verbs, ImapStates state)
    {
        ImapReader reader = new(line);
        if (!reader.TryReadRun(TagCharacters, out ReadOnlySpan<byte> octets) || octets.Length > MaxTagOctets)
            return Refused(NoTag, ImapCompletion.Bad("A tag expected at octet 0"));
        byte[] tag = octets.ToArray();
        if (!reader.TryReadSpace())
            return Refused(tag, ImapCompletion.Bad($"A space and a command expected at octet {reader.Position}"));
        if (!verbs.TryReadVerb(ref reader, out ImapVerbEntry? entry))
            return Refused(tag, ImapCompletion.Bad($"Unknown command at octet {reader.Position}"));
        if ((entry.Verb.States & state) == 0)
            return Refused(tag, ImapCompletion.Bad(WrongState(entry.Verb, state)));
        return new(tag, entry, reader.Position, null);
    }

    /// <summary>Reads the arguments of the command, which a frame begins with.</summary>
    public ImapReader ArgumentsIn(ReadOnlySpan<byte> frame) => new(frame) { Position = ArgumentsAt, Utf8 = Utf8 };

    /// <summary>Whom to answer where only the start of a line is known, because it was too long.</summary>
    public static byte[] TagOf(ReadOnlySpan<byte> start)
    {
        ImapReader reader = new(start);
        bool isWhole = reader.TryReadRun(TagCharacters, out ReadOnlySpan<byte> octets) && octets.Length <= MaxTagOctets && reader.TryReadSpace();
        return isWhole ? octets.ToArray() : NoTag;
    }

    private static CommandHead Refused(byte[] tag, ImapCompletion refusal) => new(tag, null, 0, refusal);

    private static ImapText WrongState(ImapVerb verb, ImapStates state)
    {
        if (state == ImapStates.NotAuthenticated)
            return $"{verb.Name} needs a login first";
        if (verb.States == ImapStates.NotAuthenticated)
            return $"{verb.Name} is for before the login";
        return $"{verb.Name} needs a selected mailbox";
    }
}
