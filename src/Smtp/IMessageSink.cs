namespace FullStack.Smtp;

/// <summary>Takes accepted messages on, to mailboxes or to the queue.</summary>
public interface IMessageSink
{
}
