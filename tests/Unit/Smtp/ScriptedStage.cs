using System.Text;
using FullStack.Smtp;
using FullStack.Smtp.Stages;

namespace FullStack.Unit.Smtp;

/// <summary>A stage that says at each point what the test wants, and writes down what it was asked.</summary>
internal sealed class ScriptedStage(string name = "scripted") : ISmtpStage
{
    public string Name => name;

    /// <summary>By point, or point and argument.</summary>
    public Dictionary<string, StageVerdict> Verdicts { get; } = [];

    /// <summary>A point at which the stage fails.</summary>
    public string? FailsAt { get; init; }

    /// <summary>It looks at messages.</summary>
    public bool Looks { get; init; }

    public List<string> Asked { get; } = [];

    public ISmtpStageSession? Begin(SmtpPeer peer) => new Session(this);

    private ValueTask<StageVerdict> At(string point, string seen)
    {
        Asked.Add(seen.Length == 0 ? point : $"{point} {seen}");
        return FailsAt == point ? throw new InvalidOperationException("a bug in a filter") : new(Verdicts.GetValueOrDefault($"{point} {seen}") ?? Verdicts.GetValueOrDefault(point, StageVerdict.Continue));
    }

    private sealed class Session(ScriptedStage stage) : ISmtpStageSession
    {
        public ValueTask<StageVerdict> OnConnectAsync(SmtpPeer peer, IClientInput input, CancellationToken ct) => stage.At("connect", "");

        public ValueTask<StageVerdict> OnHelloAsync(SmtpPeer peer, CancellationToken ct) => stage.At("helo", peer.HelloName);

        public ValueTask<StageVerdict> OnSenderAsync(SmtpPeer peer, Envelope envelope, CancellationToken ct) => stage.At("mail", envelope.Sender.ToString());

        public ValueTask<StageVerdict> OnRecipientAsync(SmtpPeer peer, Envelope envelope, ForwardPath recipient, CancellationToken ct)
            => stage.At("rcpt", recipient.ToString());

        public IMessageStage? OpenMessage(QueueId id, SmtpPeer peer, Envelope envelope) => stage.Looks ? new Look(stage) : null;

        public ValueTask OnDeliveredAsync(QueueId id, SmtpPeer peer, Envelope envelope, IReadOnlyList<DeliveryStatus> statuses, CancellationToken ct)
        {
            stage.Asked.Add($"delivered {statuses.Count}");
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            stage.Asked.Add("end");
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Look(ScriptedStage stage) : IMessageStage
    {
        private readonly StringBuilder _body = new();

        public ValueTask<StageVerdict> OnHeaderAsync(ReadOnlyMemory<byte> header, CancellationToken ct)
            => stage.At("header", Encoding.UTF8.GetString(header.Span).ReplaceLineEndings("|"));

        public ValueTask OnBodyAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
        {
            _body.Append(Encoding.UTF8.GetString(octets.Span));
            return ValueTask.CompletedTask;
        }

        public ValueTask<StageVerdict> OnEndAsync(CancellationToken ct) => stage.At("data", _body.ToString().ReplaceLineEndings("|"));
    }
}
