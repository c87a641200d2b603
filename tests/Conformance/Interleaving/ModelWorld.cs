namespace FullStack.Conformance.Interleaving;

/// <summary>What all sessions of a run share: the two mailboxes as they have to be.</summary>
internal sealed class ModelWorld(MailboxTruth inbox, MailboxTruth other)
{
    private readonly Dictionary<(MailboxTruth, uint), SessionPicture> _recentTo = [];
    private int _subjects;

    public MailboxTruth Inbox => inbox;
    public MailboxTruth Other => other;
    public IReadOnlyList<MailboxTruth> Mailboxes { get; } = [inbox, other];
    public List<ModelSession> Sessions { get; } = [];

    public string NextSubject() => $"m{_subjects++}";

    /// <summary>A session did something to a message's flags, or another program did: who has not heard of it does not know them now.</summary>
    public void FlagsChanged(MailboxTruth mailbox, uint uid, ModelSession? by)
    {
        foreach (ModelSession session in Sessions.Where(session => session != by && session.Picture?.Mailbox == mailbox))
        {
            if (session.Picture!.Messages.Find(message => message.Uid == uid) is { } message)
                message.IsCurrent = false;
        }
    }

    /// <summary>"If multiple connections have the same mailbox selected simultaneously, it is undefined which … will see \Recent", but never two (RFC 3501 §2.3.2).</summary>
    public void CheckRecent(SessionPicture picture)
    {
        if (picture.IsReadOnly)
            return;
        foreach (KnownMessage message in picture.Messages.Where(static message => message is { IsRecent: true, Uid: not null }))
        {
            if (!_recentTo.TryAdd((picture.Mailbox, message.Uid!.Value), picture))
                ModelBreach.Unless(_recentTo[(picture.Mailbox, message.Uid.Value)] == picture, $"{message.Uid} is \\Recent a second time");
        }
    }
}
