using FullStack.Mime;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Search;

/// <summary>Looks into the messages of one batch, one after the other, a bounded piece at a time.</summary>
/// <param name="mailbox">Where they are.</param>
/// <param name="plan">What to look for.</param>
/// <param name="messages">The messages that nothing else decided.</param>
/// <param name="structures">Their structures, encoded.</param>
/// <param name="findings">Takes those that match.</param>
internal sealed class ContentTurns(
    Mailbox mailbox, QueryPlan plan, List<MessageFacts> messages, Dictionary<uint, byte[]> structures, Findings findings) : IDisposable
{
    /// <summary>Text read in one turn, in UTF-16 units: some milliseconds' worth.</summary>
    private const long TurnUnits = 4 << 20;

    /// <summary>What opening a message counts for.</summary>
    private const long OpeningUnits = 64 << 10;

    private int _next;
    private ContentScan? _scan;

    /// <summary>Takes one turn. Blocks.</summary>
    /// <returns>Whether there is more to do.</returns>
    public bool TakeOne(CancellationToken ct)
    {
        for (long budget = TurnUnits; budget > 0 && _next < messages.Count && !ct.IsCancellationRequested; budget -= OpeningUnits)
        {
            MessageFacts message = messages[_next];
            if (!findings.IsNeedless(message.Number) && (_scan ??= Open(message)) is { } scan && !TryFinish(scan, ref budget))
                continue;
            _scan?.Dispose();
            _scan = null;
            _next++;
        }

        return _next < messages.Count;
    }

    public void Dispose() => _scan?.Dispose();

    private bool TryFinish(ContentScan scan, ref long budget)
    {
        try
        {
            if (!scan.TryFinish(ref budget, out bool matches))
                return false;
            if (matches)
                findings.Add(scan.Message.Number);
        }
        catch (IOException)
        {
            findings.Fail(mailbox.Store.Fail("searching a message", mailbox.Folder.Path, FileError.Failed));
        }

        return true;
    }

    /// <summary>Null where the message is gone or cannot be read.</summary>
    private ContentScan? Open(MessageFacts message)
    {
        (FileError error, MessageContent? content) = MessageReader.Open(mailbox, message.Entry);
        if (content is null)
        {
            if (error != FileError.NotFound)
                findings.Fail(mailbox.Store.Fail("searching a message", mailbox.Folder.Path, error));
            return null;
        }

        MimeMessage? structure = structures.TryGetValue(message.Entry.Uid.Value, out byte[]? encoded) && MimeMessageCodec.TryDecode(encoded, out MimeMessage? decoded)
            ? decoded
            : StructureParser.Parse(mailbox, message.Entry);
        if (structure is not null)
            return new(plan, message, structure.Root, content);
        content.Close();
        findings.Fail(mailbox.Store.PutOff("searching a message", mailbox.Folder.Path, "it could not be read to its end"));
        return null;
    }
}
