using System.IO.Pipelines;
using System.Net.Sockets;

namespace FullStack.Smtp.Client;

/// <summary>A connected socket as a pair of pipes. When the reading one is completed the socket is closed.</summary>
internal sealed class SocketPipes : IDuplexPipe
{
    public SocketPipes(Socket socket)
    {
        NetworkStream stream = new(socket, ownsSocket: true);
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(useZeroByteReads: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }
}
