using System.Buffers;
using FullStack.Mime.Conversion;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Delivery;

/// <summary>Makes the copy of a message that a mailbox gets where it cannot have the message as it came.</summary>
/// <remarks>
/// Mail files have lines, and IMAP and POP3 hand lines out: a message that is BINARYMIME is converted (RFC 3030 §3: "deliver or return the message with its
/// content intact"), parts that are no text to base64, and whatever stands around them cleaned. Memory is bounded; such a message is read three times.
/// </remarks>
/// <param name="store">Where mailboxes are.</param>
/// <param name="content">The message.</param>
/// <param name="skip">Where it begins, behind the fields of final delivery.</param>
/// <param name="body">What it holds.</param>
internal sealed class MailboxCopy(MailStore store, MessageContent content, long skip, BodyType body)
{
    private const int PieceOctets = 64 * 1024;

    /// <summary>What a sender hears whose message can be in no mailbox.</summary>
    public static readonly DeliveryStatus CannotConvert = new(554, new(5, 6, 3), "The message holds binary data that cannot be converted for a mailbox");

    /// <summary>Opens a message without the fields of final delivery, as it goes to others.</summary>
    public static Stream Open(MessageContent content, long skip, BodyType body)
        => body == BodyType.BinaryMime ? content.OpenStored(skip) : content.OpenWire(skip, content.StoredOctets - skip);

    /// <summary>The fields of final delivery that stand above the message.</summary>
    /// <exception cref="IOException">The message cannot be read.</exception>
    public async ValueTask<byte[]> FieldsAsync(CancellationToken ct)
    {
        using MemoryStream fields = new();
        await using WireStream stored = content.OpenWire(0, skip);
        await stored.CopyToAsync(fields, ct);
        return fields.ToArray();
    }

    /// <summary>Makes a copy.</summary>
    /// <param name="fields">The fields of final delivery that it gets.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>The copy, complete; null where the message cannot be converted.</returns>
    /// <exception cref="IOException">The message cannot be read, or the copy not be written.</exception>
    public async Task<StagedMessage?> MakeAsync(ReadOnlyMemory<byte> fields, CancellationToken ct)
    {
        MessageConversion? conversion = body == BodyType.BinaryMime
            ? await MessageConversion.PlanAsync(_ => new(Open(content, skip, body)), TransferTarget.EightBit, ct) : null;
        if (conversion is { Obstacle: not ConversionObstacle.None })
            return null;
        StagedMessage copy = store.Stage();
        try
        {
            await copy.WriteAsync(fields, ct);
            await using Stream octets = conversion?.Apply(Open(content, skip, body)) ?? Open(content, skip, body);
            await CopyAsync(octets, copy, conversion is null ? null : new(isStuffed: false), ct);
            await copy.CompleteAsync(ct);
            return copy;
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    private static async Task CopyAsync(Stream octets, StagedMessage copy, OutgoingText? lines, CancellationToken ct)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceOctets);
        ArrayBufferWriter<byte> clean = new();
        try
        {
            while (await octets.ReadAsync(piece, ct) is var read and > 0)
            {
                lines?.Push(piece.AsSpan(0, read), clean);
                await copy.WriteAsync(lines is null ? piece.AsMemory(0, read) : clean.WrittenMemory, ct);
                clean.ResetWrittenCount();
            }

            lines?.Complete(clean);
            await copy.WriteAsync(clean.WrittenMemory, ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
