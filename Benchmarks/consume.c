// What librdkafka alone takes for a backlog: reads all partitions of a topic to their ends, and prints messages and bytes.
//
//   consume BOOTSTRAP TOPIC
//
// Fetching is set as in Tidewatch (Sources/KafkaClient/KafkaConsumer.swift), so that the same batches come in the same number of requests.
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

static void check(int fine, const char *what) {
    if (!fine) { fprintf(stderr, "consume: %s\n", what); exit(1); }
}

int main(int count, char **arguments) {
    check(count == 3, "expected BOOTSTRAP TOPIC");
    char why[512];
    const char *options[][2] = {
        {"bootstrap.servers", arguments[1]}, {"group.id", "consume"}, {"enable.auto.commit", "false"},
        {"enable.partition.eof", "true"}, {"queued.max.messages.kbytes", "131072"},
        {"queued.min.messages", "400000"}, {"fetch.wait.max.ms", "20"}};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        check(rd_kafka_conf_set(conf, options[i][0], options[i][1], why, sizeof why) == RD_KAFKA_CONF_OK, why);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    check(client != NULL, why);
    rd_kafka_poll_set_consumer(client);
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, arguments[2], NULL);
    check(!rd_kafka_metadata(client, 0, topic, &metadata, 10000) && metadata->topic_cnt == 1, "no metadata of the topic");
    int open = metadata->topics[0].partition_cnt;
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(open);
    for (int i = 0; i < open; i++)
        rd_kafka_topic_partition_list_add(all, arguments[2], i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    check(!rd_kafka_assign(client, all), "no assignment");
    long messages = 0, bytes = 0;
    while (open > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 10000);
        check(message != NULL, "nothing came for 10 s");
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) open--;
        else if (message->err) check(0, rd_kafka_message_errstr(message));
        else messages++, bytes += message->len;
        rd_kafka_message_destroy(message);
    }
    printf("%ld %ld\n", messages, bytes);
    return 0;
}
