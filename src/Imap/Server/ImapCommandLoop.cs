using System.Text;
using FullStack.Imap.Commands;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Net;
using FullStack.Net.Metrics;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Imap.Server;

/// <summary>Reads commands, runs them one after the other and writes their answers, from the greeting to the goodbye.</summary>
internal sealed class ImapCommandLoop(ImapEnvironment environment, MailConnection connection, ImapSession session)
{
    /// <summary>Octets in literals of one command before login: a name and a password, and room to spare.</summary>
    private const int MaxLiteralOctetsBeforeLogin = 8192;

    private readonly CommandFramer _framer = new(connection, environment.Options);
    private int _badInARow;

    /// <summary>Commands read so far.</summary>
    public long Commands { get; private set; }

    /// <summary>Runs the session and returns why it ended, in words for the log.</summary>
    public async Task<string> RunAsync(CancellationToken ct)
    {
        session.UntaggedOk("CAPABILITY " + ImapCapabilities.Of(session), "FullStack Mail ready");
        while (true)
        {
            if (session.Selection is { View.IsDead: true })
                return await SayGoodbyeAsync(ImapCompletion.Bye("The selected mailbox was deleted or rebuilt"), ct);
            bool tells = session.TellsBetweenCommands;
            if (tells && !await TellAsync(ct))
                return await SayGoodbyeAsync(ImapCompletion.RightLost, ct);
            LineFrame line = await connection.ReadLineAsync(environment.Options.MaxLineOctets, session.ReadTimeout, wakeable: tells, ct);
            if (line.Status == FrameStatus.Woken)
                continue;
            if (line.Status is not (FrameStatus.Line or FrameStatus.TooLong))
                return await SayGoodbyeAsync(CommandFramer.Farewell(line.Status), ct);

            Commands++;
            (byte[] tag, ImapCompletion completion) = line.Status == FrameStatus.Line
                ? await RunCommandAsync(line.Line, ct)
                : (CommandHead.TagOf(line.Start.Span), await _framer.RefuseTooLongAsync(line, environment.Options.LiteralTimeout, ct));
            if (completion.Status == ImapStatus.Bye)
                return await SayGoodbyeAsync(completion, ct);

            WriteAnswer(tag, completion);
            if (completion.FollowUp == ImapFollowUp.Close)
            {
                await connection.FlushAsync(ct);
                return "logout";
            }

            if (completion.FollowUp == ImapFollowUp.StartTls)
            {
                await connection.StartTlsAsync(environment.Tls!, environment.Options.LoginTimeout, ct);
                session.TransportReplaced();
            }
            else if (completion.FollowUp == ImapFollowUp.Compress)
            {
                await connection.StartCompressionAsync(ct);
                session.TransportReplaced();
            }

            await connection.FlushIfLargeAsync(ct);
            _badInARow = completion.Status == ImapStatus.Bad ? _badInARow + 1 : 0;
            if (session.FailedLogins >= environment.Options.MaxFailedLogins)
                return await SayGoodbyeAsync(ImapCompletion.Bye("Too many refused logins"), ct);
            if (_badInARow >= environment.Options.MaxBadCommands)
                return await SayGoodbyeAsync(ImapCompletion.Bye("Too many bad commands"), ct);
        }
    }

    private static ReadOnlySpan<byte> StatusWord(ImapStatus status) => status switch
    {
        ImapStatus.Ok => " OK "u8,
        ImapStatus.No => " NO "u8,
        _ => " BAD "u8,
    };

    private async ValueTask<(byte[] Tag, ImapCompletion Completion)> RunCommandAsync(ReadOnlyMemory<byte> line, CancellationToken ct)
    {
        CommandHead head = CommandHead.Read(line.Span, ImapVerbTable.Standard, session.State) with { Utf8 = session.UsesUtf8 };
        session.Tag = head.Tag;
        long maxLiterals = session.Login is null ? MaxLiteralOctetsBeforeLogin : environment.Options.MaxLiteralOctets;
        try
        {
            CommandFrame frame = await _framer.CompleteAsync(line, head, maxLiterals, environment.Options.LiteralTimeout, ct);
            TraceCommand(head, frame);
            long began = connection.Metrics?.Begin() ?? 0;
            ImapCompletion completion = frame.Kind switch
            {
                FrameKind.Whole => await RunWholeAsync(head, frame.Octets, ct),
                FrameKind.EndsInLiteral => await RunWithLiteralAsync(head, frame, ct),
                _ => frame.Refusal,
            };
            if (connection.Metrics is { } metrics)
                Measure(metrics, head.Entry?.Verb.Name, completion, began);
            if (environment.Logger.IsEnabled(LogLevel.Trace))
                ImapLog.Answered(environment.Logger, connection.Id, Loggable.From(head.Tag), completion.Status, completion.Text.ToString());
            return (head.Tag, completion);
        }
        finally
        {
            _framer.Release();
        }
    }

    private static void Measure(SessionMetrics metrics, string? verb, ImapCompletion completion, long began)
    {
        if (verb is not null)
            metrics.CommandAnswered(verb, completion.Outcome, began);
        if (completion.Outcome != CommandOutcome.Ok)
            metrics.CommandRefused(verb, completion.CodeName ?? "none");
    }

    private ValueTask<ImapCompletion> RunWholeAsync(CommandHead head, ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        ImapReader reader = head.ArgumentsIn(octets.Span);
        if (head.Entry!.Parse(ref reader, out IImapCommand? command))
            return ExecuteAsync(head.Entry.Verb, command, ct);
        ImapLog.SyntaxError(environment.Logger, connection.Id, head.Entry.Verb.Name, reader.Position);
        return new(CommandFramer.SyntaxError(head.Entry.Verb, reader.Position));
    }

    private async ValueTask<ImapCompletion> RunWithLiteralAsync(CommandHead head, CommandFrame frame, CancellationToken ct)
    {
        session.Literal = new(connection, frame.Literal, environment.Options.LiteralTimeout);
        try
        {
            ImapCompletion completion = await ExecuteAsync(head.Entry!.Verb, frame.Command!, ct);
            return await _framer.SkipRestAsync(session.Literal, environment.Options.LiteralTimeout, ct) ?? completion;
        }
        finally
        {
            session.Literal = null;
        }
    }

    private async ValueTask<ImapCompletion> ExecuteAsync(ImapVerb verb, IImapCommand command, CancellationToken ct)
    {
        if (session.IsUidOnly && (verb.Has(ImapVerbFlags.UsesSequenceNumbers) || command.NamesNumbers))
            return ImapCompletion.UidRequired;
        if (verb.Has(ImapVerbFlags.NeedsWritable) && session.Mailbox.View.ReadOnly)
            return ImapCompletion.No("The mailbox is selected read-only");
        try
        {
            if (!await session.RenewRightsAsync(ct))
                return ImapCompletion.RightLost;
            ImapCompletion completion = await command.ExecuteAsync(session, ct);
            if (completion.Status is ImapStatus.Ok or ImapStatus.No && completion.FollowUp == ImapFollowUp.None && await session.RenewRightsAsync(ct))
                await SendUpdatesAsync(verb, command, ct);
            return completion;
        }
        catch (IOException e) // always a disk's, which is full or failing
        {
            ImapLog.DiskFailed(environment.Logger, connection.Id, verb.Name, e.Message);
            return ImapCompletion.No(StoreError.Unavailable);
        }
        catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException or ResponseBrokenException))
        {
            ImapLog.CommandFailed(environment.Logger, connection.Id, verb.Name, e);
            return ImapCompletion.No("Something went wrong here; the administrator can find it in the log", "SERVERBUG");
        }
    }

    private ValueTask SendUpdatesAsync(ImapVerb verb, IImapCommand command, CancellationToken ct)
    {
        bool mayExpunge = verb.Has(ImapVerbFlags.MaySendExpunge) && !command.HoldsExpunges;
        return session.SendPendingUpdatesAsync(mayExpunge, verb.Has(ImapVerbFlags.AnswersWithUids), isOwn: mayExpunge && verb.Has(ImapVerbFlags.NeedsWritable), ct);
    }

    /// <summary>Tells what happened while no command ran. What cannot be told now is told later.</summary>
    /// <returns>False where the session may not read the selected mailbox any more.</returns>
    private async ValueTask<bool> TellAsync(CancellationToken ct)
    {
        try
        {
            if (!await session.RenewRightsAsync(ct))
                return false;
            await session.SendBetweenCommandsAsync(ct);
        }
        catch (IOException e)
        {
            ImapLog.DiskFailed(environment.Logger, connection.Id, "NOTIFY", e.Message);
        }
        catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException or ResponseBrokenException))
        {
            ImapLog.CommandFailed(environment.Logger, connection.Id, "NOTIFY", e);
        }

        return true;
    }

    private void WriteAnswer(ReadOnlySpan<byte> tag, ImapCompletion completion)
    {
        session.Writer.Write(tag);
        session.Writer.Write(StatusWord(completion.Status));
        WriteText(completion);
    }

    private async Task<string> SayGoodbyeAsync(ImapCompletion completion, CancellationToken ct)
    {
        session.Writer.Write("* BYE "u8);
        WriteText(completion);
        await connection.FlushAsync(ct);
        return completion.Text.ToString();
    }

    private void WriteText(ImapCompletion completion)
    {
        if (completion.Code is not null)
        {
            session.Writer.Write((byte)'[');
            session.Writer.Atom(completion.Code);
            session.Writer.Write("] "u8);
        }

        session.Writer.Text(completion.Text);
        session.Writer.EndLine();
    }

    /// <summary>Shows a command in the transcript, without what it must not show.</summary>
    private void TraceCommand(CommandHead head, CommandFrame frame)
    {
        if (!environment.Logger.IsEnabled(LogLevel.Trace))
            return;
        bool isShown = head.Entry is not null && !head.Entry.Verb.Has(ImapVerbFlags.Secret) && frame.Kind != FrameKind.Refused;
        Loggable shown = isShown ? Loggable.From(frame.Octets.Span) : Loggable.From($"{Encoding.ASCII.GetString(head.Tag)} {head.Entry?.Verb.Name} (not shown)");
        ImapLog.Received(environment.Logger, connection.Id, shown);
    }
}
