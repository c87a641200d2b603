using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;

namespace FullStack.Store.Maildir;

/// <summary>Maildir++: a directory with tmp, new and cur for each mailbox, a file for each message.</summary>
internal sealed class MaildirFormat(StoreContext store) : IMailFormat
{
    public IMailHome Home(AccountName name, AccountPlace place) => new MaildirHome(store, place);

    public IPlacement Place(StagedMessage message, DeliveryMark? mark) => new MaildirPlacement(store, message, mark);

    public ITransfer Transfer(Mailbox source, TransferTarget target) => new MaildirTransfer(source, target);
}
