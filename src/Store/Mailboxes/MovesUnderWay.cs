using FullStack.Store.Index;
using FullStack.Store.Maildir;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// What the index knows of messages that were being moved when a crash or a full disk ended that: they belong to no mailbox until one finds their files, and
/// have their keywords there, where the folder keeps none.
/// </summary>
internal sealed class MovesUnderWay
{
    private readonly List<MessageRow> _rows;

    private MovesUnderWay(List<MessageRow> rows) => _rows = rows;

    public static MovesUnderWay None { get; } = new([]);

    public bool IsEmpty => _rows.Count == 0;

    public static MovesUnderWay Load(IndexConnection index) => new(MessageTable.Load(index, MessageTable.UnderWay));

    /// <summary>A message that such a move, another program, or a delivery before the mailbox was open, put into the folder.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="uid">The UID it gets.</param>
    /// <param name="modSeq">The mod-sequence of the change.</param>
    /// <param name="found">The message.</param>
    public MessageEntry Receive(Mailbox mailbox, Uid uid, ModSeq modSeq, FoundMessage found)
    {
        string known = _rows.Find(row => MaildirFileName.Base(found.Name).SequenceEqual(row.BaseName)).Keywords ?? "";
        return found.ToEntry(uid, modSeq, mailbox.Keywords.Of(mailbox.Folder.Recall(found.Listed, known)) ?? mailbox.Keywords.FromColumn(known));
    }

    /// <summary>Gives what is known of messages to the mailbox that received them, durably, with what the index was told of them before.</summary>
    /// <param name="index">The index.</param>
    /// <param name="mailbox">The mailbox's number in it.</param>
    /// <param name="received">The messages.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="IOException">The index cannot be written.</exception>
    public static Task ArriveAsync(AccountIndex index, long mailbox, List<MessageEntry> received, CancellationToken ct)
        => index.CommitAsync(i => received.ForEach(entry => MessageTable.Arrive(i, entry.FileName, mailbox, entry.Uid.Value)), ct);
}
