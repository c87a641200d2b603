namespace FullStack.Smtp.Stages;

/// <summary>Tells whether a client sends, without taking anything of it.</summary>
public interface IClientInput
{
    /// <summary>Waits for the client's first octet; costs no thread.</summary>
    /// <param name="wait">How long; zero: only what is here already counts.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Whether there is input now. False too where the client has gone, or the server is stopping: what is said next finds out.</returns>
    ValueTask<bool> ArrivesWithinAsync(TimeSpan wait, CancellationToken ct);
}
