using FullStack.Net;
using FullStack.Smtp.Server;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Stages;

/// <summary>The stages at work on one session: asks them in their order, and keeps what they said as long as it is in force.</summary>
/// <remarks>A session without stages has none of these, so that nothing is asked and nothing made.</remarks>
internal sealed class StageRun : IAsyncDisposable
{
    private readonly (ISmtpStage Stage, ISmtpStageSession Session)[] _stages;
    private readonly ILogger _log;
    private StageStanding _connection = new();
    private StageStanding _hello = new();
    private StageStanding _transaction = new();

    private StageRun((ISmtpStage, ISmtpStageSession)[] stages, ILogger log) => (_stages, _log) = (stages, log);

    /// <summary>Begins a session.</summary>
    /// <returns>Null where no stage has to do with it.</returns>
    public static StageRun? Begin(IReadOnlyList<ISmtpStage> stages, SmtpPeer peer, ILogger log)
    {
        if (stages.Count == 0)
            return null;
        List<(ISmtpStage, ISmtpStageSession)> joined = new(stages.Count);
        foreach (ISmtpStage stage in stages)
        {
            if (stage.Begin(peer) is { } session)
                joined.Add((stage, session));
        }

        return joined.Count == 0 ? null : new([.. joined], log);
    }

    /// <returns>What the client hears instead of a greeting; null where it is greeted.</returns>
    public ValueTask<DeliveryStatus?> ConnectAsync(SmtpPeer peer, IClientInput input, CancellationToken ct)
    {
        _connection = new();
        return AskAsync(peer, "connect", _connection, session => session.OnConnectAsync(peer, input, ct));
    }

    public ValueTask<DeliveryStatus?> HelloAsync(SmtpPeer peer, CancellationToken ct)
    {
        _hello = new();
        return AskAsync(peer, "helo", _hello, session => session.OnHelloAsync(peer, ct));
    }

    public ValueTask<DeliveryStatus?> SenderAsync(SmtpPeer peer, Envelope envelope, CancellationToken ct)
    {
        _transaction = new();
        return AskAsync(peer, "mail", _transaction, session => session.OnSenderAsync(peer, envelope, ct));
    }

    public ValueTask<DeliveryStatus?> RecipientAsync(SmtpPeer peer, Envelope envelope, ForwardPath recipient, CancellationToken ct)
    {
        // Accepted is this recipient alone; what else is said holds for the message.
        StageStanding one = new();
        return Then(AskAsync(peer, "rcpt", one, session => session.OnRecipientAsync(peer, envelope, recipient, ct)));

        async ValueTask<DeliveryStatus?> Then(ValueTask<DeliveryStatus?> asked)
        {
            DeliveryStatus? refusal = await asked;
            if (refusal is null && (one.Quarantine is not null || one.Fields.Count > 0))
                _transaction.Note((one.Quarantine is { } reason ? StageVerdict.Quarantine(reason) : StageVerdict.Continue).With(one.Fields));
            return refusal;
        }
    }

    /// <summary>Begins a message.</summary>
    public MessageInspection OpenMessage(QueueId id, SmtpPeer peer, Envelope envelope)
    {
        List<(string, IMessageStage)> looking = [];
        if (!IsAccepted)
        {
            foreach ((ISmtpStage stage, ISmtpStageSession session) in _stages)
            {
                if (session.OpenMessage(id, peer, envelope) is { } look)
                    looking.Add((stage.Name, look));
            }
        }

        envelope.Quarantine = _connection.Quarantine ?? _hello.Quarantine ?? _transaction.Quarantine;
        return new(looking, [.. _transaction.Fields, .. _hello.Fields, .. _connection.Fields], envelope, peer, _log);
    }

    /// <summary>Tells the stages that a message was taken.</summary>
    public async ValueTask DeliveredAsync(QueueId id, SmtpPeer peer, Envelope envelope, IReadOnlyList<DeliveryStatus> statuses)
    {
        foreach ((ISmtpStage stage, ISmtpStageSession session) in _stages)
        {
            try
            {
                await session.OnDeliveredAsync(id, peer, envelope, statuses, CancellationToken.None);
            }
            catch (Exception e) // The message is delivered, whatever a filter makes of it.
            {
                SmtpLog.StageFailed(_log, peer.ConnectionId, stage.Name, "delivered", e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((_, ISmtpStageSession session) in _stages)
            await session.DisposeAsync();
    }

    private bool IsAccepted => _connection.IsAccepted || _hello.IsAccepted || _transaction.IsAccepted;

    private async ValueTask<DeliveryStatus?> AskAsync(SmtpPeer peer, string point, StageStanding standing, Func<ISmtpStageSession, ValueTask<StageVerdict>> ask)
    {
        foreach ((ISmtpStage stage, ISmtpStageSession session) in _stages)
        {
            if (IsAccepted || standing.IsAccepted)
                return null;
            StageVerdict verdict = await VerdictAsync(_log, peer, stage.Name, point, () => ask(session));
            if (verdict.Reply is not null)
                return verdict.Reply;
            standing.Note(verdict);
        }

        return null;
    }

    /// <summary>Asks one stage, and logs what it says. One that fails defers.</summary>
    internal static async ValueTask<StageVerdict> VerdictAsync(ILogger log, SmtpPeer peer, string stage, string point, Func<ValueTask<StageVerdict>> ask)
    {
        try
        {
            StageVerdict verdict = await ask();
            if (verdict.Action is StageAction.Refuse or StageAction.Defer or StageAction.Quarantine)
                SmtpLog.StageDecided(log, peer.ConnectionId, point, stage, verdict.Action, Loggable.From(verdict.Reason));
            else if (verdict.Reason.Length > 0 && log.IsEnabled(LogLevel.Debug))
                SmtpLog.StageSaid(log, peer.ConnectionId, point, stage, verdict.Action, Loggable.From(verdict.Reason));
            return verdict;
        }
        catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException))
        {
            SmtpLog.StageFailed(log, peer.ConnectionId, stage, point, e);
            return StageVerdict.Defer(DeliveryStatus.LocalError, "the filter failed");
        }
    }
}
