using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace TransferKit.Snippets;

internal static class Queue
{
    public static async Task ConsumeAsync(IChannel channel, FeatureExtractor extractor, string photos, string features)
    {
        const int Shards = 64;
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: 1, global: false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            var worker = new ShardWorker(BitConverter.ToInt32(message.Body.Span), Shards);
            try
            {
                await extractor.ExtractSetAsync(photos, features, new() { Shards = Shards, Worker = worker });
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
            }
            catch (TransferKitException e)
            {
                var mayPass = e is FeatureSetBusyException or OutputFileException;
                await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: mayPass);
            }
        };
        await channel.BasicConsumeAsync("shards", autoAck: false, consumer);
    }

    public static async Task SendAsync(IChannel channel)
    {
        await channel.QueueDeclareAsync("shards", durable: true, exclusive: false, autoDelete: false);
        for (var shard = 0; shard < 64; shard++)
            await channel.BasicPublishAsync(exchange: "", "shards", BitConverter.GetBytes(shard));
    }
}
