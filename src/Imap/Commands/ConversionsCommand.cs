using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Conversions;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>CONVERSIONS: what can be made of what.</summary>
/// <remarks>RFC 5259 §5.</remarks>
internal sealed record ConversionsCommand(MediaType From, MediaType To) : IImapCommand<ConversionsCommand>
{
    public static ImapVerb Verb { get; } = new("CONVERSIONS", ImapStates.LoggedIn);

    /// <summary>"CONVERSIONS" SP from-mime-type-req SP to-mime-type-req, each an astring</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ConversionsCommand? command)
    {
        command = reader.TryReadSpace() && TryReadType(ref reader, out MediaType from) && reader.TryReadSpace() && TryReadType(ref reader, out MediaType to) && reader.TryReadEnd()
            ? new(from, to) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        foreach (TextConversion conversion in TextConversion.All.Where(known => From.Matches(known.From) && To.Matches(known.To)))
            Write(session.Writer, conversion);
        return new(ImapCompletion.Ok("CONVERSIONS completed"));
    }

    private static bool TryReadType(ref ImapReader reader, out MediaType type)
    {
        int start = reader.Position;
        if (reader.TryReadAString(out ReadOnlySpan<byte> name) && MediaType.TryParse(name, out type))
            return true;
        reader.Position = start;
        type = default;
        return false;
    }

    /// <summary>"CONVERSION" SP quoted-from-mime-type SP quoted-to-mime-type [SP "(" transcoding-param-name *(SP transcoding-param-name) ")"]</summary>
    private static void Write(ImapResponseWriter writer, TextConversion conversion)
    {
        writer.Write("* CONVERSION "u8);
        ConversionFailure.WriteType(writer, conversion.From);
        writer.Space();
        ConversionFailure.WriteType(writer, conversion.To);
        writer.Write(" ("u8);
        for (int i = 0; i < ConversionParameters.Names.Count; i++)
        {
            if (i > 0)
                writer.Space();
            writer.Write((byte)'"');
            writer.Atom(ConversionParameters.Names[i]);
            writer.Write((byte)'"');
        }

        writer.Write((byte)')');
        writer.EndLine();
    }
}
