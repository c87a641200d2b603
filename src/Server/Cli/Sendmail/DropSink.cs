using FullStack.Smtp;
using FullStack.Smtp.Batch;
using FullStack.Store.Spool;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>Drops the messages of a session for the server.</summary>
internal sealed class DropSink(DropFolder folder, TimeProvider time) : IMessageSink
{
    public async ValueTask<IMessageIntake> BeginAsync(QueueId id, Envelope envelope, SmtpPeer peer, CancellationToken ct)
    {
        DroppedEnvelope drop = new(folder.Create());
        await drop.BeginAsync(BatchEnvelope.Commands(envelope, time), ct);
        return new Intake(drop, envelope);
    }

    private sealed class Intake(DroppedEnvelope drop, Envelope envelope) : IMessageIntake
    {
        public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct) => drop.WriteAsync(octets, ct);

        public async ValueTask<IReadOnlyList<DeliveryStatus>> CommitAsync(CancellationToken ct)
        {
            await drop.CommitAsync(ct);
            return [.. envelope.Recipients.Select(static _ => DeliveryStatus.Success)];
        }

        public ValueTask DisposeAsync()
        {
            drop.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
