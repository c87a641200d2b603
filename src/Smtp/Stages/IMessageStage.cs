namespace FullStack.Smtp.Stages;

/// <summary>A stage's look at one message while it streams past. Disposed whatever becomes of the message.</summary>
public interface IMessageStage : IAsyncDisposable
{
    /// <summary>The whole header has come.</summary>
    /// <param name="header">As it came, from the first field to the empty line, if there is one; without our own fields. Valid during the call.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask<StageVerdict> OnHeaderAsync(ReadOnlyMemory<byte> header, CancellationToken ct) => new(StageVerdict.Continue);

    /// <summary>The next piece of the body has come, lines ended by CRLF, dots taken out. Valid during the call.</summary>
    ValueTask OnBodyAsync(ReadOnlyMemory<byte> octets, CancellationToken ct) => ValueTask.CompletedTask;

    /// <summary>All of the message has come. It is not handed on before this is answered.</summary>
    ValueTask<StageVerdict> OnEndAsync(CancellationToken ct) => new(StageVerdict.Continue);

    ValueTask IAsyncDisposable.DisposeAsync() => ValueTask.CompletedTask;
}
