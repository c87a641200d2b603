using System.IO.Pipelines;
using System.Net.Sockets;

namespace FullStack.Smtp.Client;

/// <summary>A connected socket as a pair of pipes. When the reading one is completed the socket is closed.</summary>
internal sealed class SocketPipes : IDuplexPipe
{
    /// <summary>What leaves in one system call. With less an ordinary message leaves in several, for each of which the host wakes.</summary>
    private const int OutputOctets = 32 * 1024;

    public SocketPipes(Socket socket)
    {
        NetworkStream stream = new(socket, ownsSocket: true);
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(useZeroByteReads: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: OutputOctets, leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }
}
