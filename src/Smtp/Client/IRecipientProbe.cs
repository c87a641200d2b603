namespace FullStack.Smtp.Client;

/// <summary>Asks hosts whether they would take mail for an address, and sends none.</summary>
public interface IRecipientProbe
{
    /// <summary>Makes one attempt at one host.</summary>
    /// <returns>What the host said to RCPT; where it did not come to that, why, and that it is not the host's word.</returns>
    ValueTask<RecipientResult> ProbeAsync(RemoteHost host, ForwardPath recipient, CancellationToken ct);
}
