namespace FullStack.Smtp;

/// <summary>Decides who may send as whom and to whom.</summary>
public interface IRecipientPolicy
{
}
