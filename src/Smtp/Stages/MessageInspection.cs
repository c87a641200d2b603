using System.Buffers;
using System.Text;
using FullStack.Smtp.Server;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Stages;

/// <summary>One message as the stages see it, and what they put above it.</summary>
/// <remarks>
/// Fields that a stage adds stand above a message, of which the sink keeps what it is given in the order in which it is given. So the beginning of a
/// message that a stage looks at is kept back: its header, always, and of the rest as much as <see cref="SmtpOptions.HeldOctets"/> leaves room
/// for. A message that ends within that gets all fields; of a larger one those that were decided on by the end of its header. There is no second copy:
/// what is kept back is not in the sink yet, what is in the sink is not kept. Nobody looks: nothing is kept back.
/// </remarks>
internal sealed class MessageInspection(
    IReadOnlyList<(string Name, IMessageStage Look)> stages, IReadOnlyList<AddedField> fields, Envelope envelope, SmtpPeer peer, ILogger log) : IAsyncDisposable
{
    private readonly List<AddedField> _fields = [.. fields];
    private ArrayBufferWriter<byte> _held = new();
    private StageStanding _message = new();

    /// <summary>A stage wants to see the message.</summary>
    public bool IsWanted => stages.Count > 0;

    /// <summary>What is kept back of the message by now.</summary>
    public ReadOnlyMemory<byte> Held => _held.WrittenMemory;

    /// <summary>The fields to be put above it, as they stand in a header.</summary>
    public ReadOnlyMemory<byte> Above
    {
        get
        {
            StringBuilder text = new();
            foreach (AddedField added in _fields)
                text.Append(added.Name).Append(": ").Append(added.Value).Append("\r\n");
            return Encoding.UTF8.GetBytes(text.ToString());
        }
    }

    /// <summary>Keeps octets back.</summary>
    public void Hold(ReadOnlySpan<byte> octets) => _held.Write(octets);

    /// <summary>What was kept back has been handed on.</summary>
    public void ForgetHeld() => _held = new();

    /// <summary>The header is whole: what is held until now.</summary>
    /// <returns>The refusal; null where the message may go on.</returns>
    public ValueTask<DeliveryStatus?> HeaderAsync(CancellationToken ct) => AskAsync("header", look => look.OnHeaderAsync(_held.WrittenMemory, ct));

    /// <summary>Shows the stages a piece of the body.</summary>
    /// <returns>The refusal where a stage cannot look at it.</returns>
    public async ValueTask<DeliveryStatus?> BodyAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        foreach ((string name, IMessageStage look) in stages)
        {
            try
            {
                await look.OnBodyAsync(octets, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                SmtpLog.StageFailed(log, peer.ConnectionId, name, "data", e);
                return DeliveryStatus.LocalError;
            }
        }

        return null;
    }

    /// <summary>The message is whole.</summary>
    public ValueTask<DeliveryStatus?> EndAsync(CancellationToken ct) => AskAsync("data", look => look.OnEndAsync(ct));

    public async ValueTask DisposeAsync()
    {
        foreach ((_, IMessageStage look) in stages)
            await look.DisposeAsync();
    }

    private async ValueTask<DeliveryStatus?> AskAsync(string point, Func<IMessageStage, ValueTask<StageVerdict>> ask)
    {
        StageStanding now = new();
        foreach ((string name, IMessageStage look) in stages)
        {
            if (_message.IsAccepted)
                break;
            StageVerdict verdict = await StageRun.VerdictAsync(log, peer, name, point, () => ask(look));
            if (verdict.Reply is not null)
                return verdict.Reply;
            now.Note(verdict);
            if (now.IsAccepted)
                _message = now;
        }

        _fields.InsertRange(0, now.Fields); // later ones above, as trace fields are
        envelope.Quarantine ??= now.Quarantine;
        return null;
    }
}
