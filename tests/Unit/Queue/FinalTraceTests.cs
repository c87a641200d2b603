using System.Text;
using FullStack.Queue.Delivery;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Unit.Queue;

public sealed class FinalTraceTests
{
    [Theory]
    [InlineData("a@b.example", "Return-Path: <a@b.example>\r\nDelivered-To: u+x@example.test\r\n")]
    [InlineData(null, "Return-Path: <>\r\nDelivered-To: u+x@example.test\r\n")]
    public void One_recipient_is_named(string? sender, string expected)
        => Assert.Equal(expected, Fields(sender, [Target("u", "u+x@example.test")]));

    [Fact]
    public void Several_recipients_are_not_named()
        => Assert.Equal("Return-Path: <>\r\n", Fields(null, [Target("u", "u@example.test")], [Target("v", "v@example.test")]));

    [Fact]
    public void Several_accounts_of_one_recipient_are_not_named()
        => Assert.Equal("Return-Path: <>\r\n", Fields(null, [Target("u", "u@example.test"), Target("v", "v@example.test")]));

    [Fact]
    public void Every_error_of_the_store_has_a_status_of_its_class()
    {
        foreach (StoreError error in Enum.GetValues<StoreError>())
        {
            DeliveryStatus status = StoreOutcome.StatusOf(error, OverQuota.Refuse);
            Assert.Equal(status.Code / 100, status.Status.Class);
            Assert.Equal(error == StoreError.None, status.IsSuccess);
            Assert.Equal(error is StoreError.InUse or StoreError.NoSpace or StoreError.Unavailable or StoreError.Gone or StoreError.AlreadyExists, status.IsTemporary);
        }
    }

    [Fact]
    public void A_full_disk_is_told_as_one() => Assert.Equal("452 4.3.1", $"{StoreOutcome.StatusOf(StoreError.NoSpace, OverQuota.Refuse).Code} {StoreOutcome.StatusOf(StoreError.NoSpace, OverQuota.Refuse).Status}");

    private static string Fields(string? sender, params LocalTarget[][] recipients)
    {
        Envelope envelope = new(sender is null ? ReversePath.Null : new(sender[..1], sender[2..]));
        foreach (LocalTarget[] targets in recipients)
            envelope.Add(new(new("r", "example.test"), new MailRoute(targets, [])));
        return Encoding.UTF8.GetString(FinalTrace.Fields(envelope));
    }

    private static LocalTarget Target(string user, string address)
        => new(AccountName.TryCreate(user, "example.test", out AccountName? name) ? name : throw new ArgumentException(user, nameof(user)), address);
}
