using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;

namespace FullStack.Store.Mbox;

/// <summary>mbox: a file for each mailbox, in which one message follows the other.</summary>
internal sealed class MboxFormat(StoreContext store) : IMailFormat
{
    public IMailHome Home(AccountName name, AccountPlace place) => new MboxHome(store, name, place.Directory);

    public IPlacement Place(StagedMessage message, DeliveryMark? mark) => new MboxPlacement(store, message, mark);

    public ITransfer Transfer(Mailbox source, TransferTarget target) => new MboxTransfer(source, target);
}
