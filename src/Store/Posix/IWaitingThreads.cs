namespace FullStack.Store.Posix;

/// <summary>Threads that serve one session each, and of which a few at a time may wait for the disk themselves.</summary>
public interface IWaitingThreads
{
    /// <summary>Whether the thread that asks may wait. If so it calls <see cref="EndWait"/> afterwards.</summary>
    bool TryBeginWait();

    void EndWait();
}
