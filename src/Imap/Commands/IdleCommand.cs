using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Net;

namespace FullStack.Imap.Commands;

/// <summary>IDLE: tells the client of changes as they happen, until it says DONE.</summary>
/// <remarks>RFC 2177 §3.</remarks>
internal sealed record IdleCommand : IImapCommand<IdleCommand>
{
    public static ImapVerb Verb { get; } = new("IDLE", ImapStates.LoggedIn, ImapVerbFlags.MaySendExpunge);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out IdleCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        session.Connection.Write("+ idling\r\n"u8);
        session.IsIdling = true; // before the first look, so that nothing falls between
        try
        {
            return await WaitAsync(session, ct);
        }
        finally
        {
            session.IsIdling = false;
        }
    }

    private static async ValueTask<ImapCompletion> WaitAsync(ImapSession session, CancellationToken ct)
    {
        while (true)
        {
            if (session.Selection is { View.IsDead: true })
                return ImapCompletion.Bye("The selected mailbox was deleted or rebuilt");
            if (!await session.RenewRightsAsync(ct))
                return ImapCompletion.RightLost;
            await session.SendPendingUpdatesAsync(allowExpunges: true, withUids: false, isOwn: false, ct);
            LineFrame line = await session.Connection.ReadLineAsync(
                session.Environment.Options.MaxLineOctets, session.ReadTimeout, wakeable: true, ct);
            switch (line.Status)
            {
                case FrameStatus.Woken:
                    continue;
                case FrameStatus.Line when LiteralMark.Of(line.Line.Span) is { IsSynchronizing: false }:
                    // A command sent without DONE, its literal behind it: those octets must never be read as commands.
                    return ImapCompletion.Bye("DONE expected");
                case FrameStatus.Line:
                    return Ascii.EqualsIgnoreCase(line.Line.Span, "DONE"u8)
                        ? ImapCompletion.Ok("IDLE completed")
                        : ImapCompletion.Bad("DONE expected");
                case FrameStatus.TooLong:
                    return ImapCompletion.Bad("DONE expected");
                default:
                    return CommandFramer.Farewell(line.Status);
            }
        }
    }
}
