using System.Net;

namespace FullStack.Server.Supervision;

/// <summary>Wherever the sockets listen that the process is given under a name.</summary>
/// <param name="name">FileDescriptorName= of systemd's socket unit.</param>
internal sealed class PassedEndPoint(string name) : EndPoint
{
    public string Name { get; } = name;

    public override bool Equals(object? comparand) => comparand is PassedEndPoint other && other.Name == Name;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => "systemd:" + Name;
}
