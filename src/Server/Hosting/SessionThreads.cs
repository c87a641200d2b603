using FullStack.Net.Sockets;
using FullStack.Store.Posix;

namespace FullStack.Server.Hosting;

/// <summary>The threads on which sessions run, as the store knows them.</summary>
internal sealed class SessionThreads(SocketThreads threads) : IWaitingThreads
{
    public bool TryBeginWait() => threads.TryBeginLinger();

    public void EndWait() => threads.EndLinger();
}
