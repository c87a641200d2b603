using FullStack.Store;

namespace FullStack.Imap.Server;

/// <summary>Messages that the session itself put into its selected mailbox and was not told of yet: their maker is told no details of them (RFC 5465 §5.2).</summary>
internal sealed class OwnMessages
{
    private readonly HashSet<uint> _uids = [];

    public void Add(IEnumerable<Uid> uids) => _uids.UnionWith(uids.Select(static uid => uid.Value));

    /// <summary>Whether a message is one of them. Asked once for each: what was asked for is forgotten.</summary>
    public bool Take(Uid uid) => _uids.Remove(uid.Value);
}
