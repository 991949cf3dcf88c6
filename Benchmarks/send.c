// Sends the lines of standard input to a topic, so many in each message; messages go to its partitions in turn. A message is a gzip member, or
// the lines as they are, of which librdkafka compresses a batch.
//
//   send BOOTSTRAP TOPIC PARTITIONS LINES gzip|lz4
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void check(int fine, const char *what) {
    if (!fine) { fprintf(stderr, "send: %s\n", what); exit(1); }
}

static rd_kafka_topic_t *topic;
static rd_kafka_t *client;
static long undelivered;

static void delivered(rd_kafka_t *from, const rd_kafka_message_t *message, void *opaque) {
    (void)from, (void)opaque;
    if (message->err) undelivered++;
}

static void send_text(void *text, size_t length, int flags, int partition) {
    while (rd_kafka_produce(topic, partition, flags, text, length, NULL, 0, NULL) != 0) {
        check(rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL, rd_kafka_err2str(rd_kafka_last_error()));
        rd_kafka_poll(client, 100);
    }
    rd_kafka_poll(client, 0);
}

static void send_member(const char *text, size_t length, int partition) {
    z_stream stream = {0};
    check(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "no deflate");
    size_t room = deflateBound(&stream, length);
    unsigned char *member = malloc(room);
    check(member != NULL, "no memory");
    stream.next_in = (unsigned char *)text, stream.avail_in = length;
    stream.next_out = member, stream.avail_out = room;
    check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflate did not end");
    size_t size = room - stream.avail_out;
    deflateEnd(&stream);
    send_text(member, size, RD_KAFKA_MSG_F_FREE, partition);
}

int main(int count, char **arguments) {
    check(count == 6, "expected BOOTSTRAP TOPIC PARTITIONS LINES gzip|lz4");
    int members = strcmp(arguments[5], "gzip") == 0;
    check(members || strcmp(arguments[5], "lz4") == 0, "messages are gzip or lz4");
    int partitions = atoi(arguments[3]), together = atoi(arguments[4]);
    check(partitions > 0 && together > 0, "partitions and lines are above 0");
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    check(rd_kafka_conf_set(conf, "bootstrap.servers", arguments[1], why, sizeof why) == RD_KAFKA_CONF_OK, why);
    check(members || rd_kafka_conf_set(conf, "compression.codec", "lz4", why, sizeof why) == RD_KAFKA_CONF_OK, why);
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    check(client != NULL, why);
    topic = rd_kafka_topic_new(client, arguments[2], NULL);
    check(topic != NULL, "no topic");
    char *line = NULL, *text = NULL;
    size_t room = 0, length = 0, text_room = 0;
    ssize_t taken;
    int lines = 0;
    long messages = 0;
    while ((taken = getline(&line, &room, stdin)) >= 0 || lines > 0) {
        if (taken >= 0) {
            if (length + taken > text_room) {
                text_room = 2 * (length + taken);
                text = realloc(text, text_room);
                check(text != NULL, "no memory");
            }
            memcpy(text + length, line, taken);
            length += taken, lines++;
        }
        if (lines < together && taken >= 0) continue;
        int partition = messages++ % partitions;
        if (members) send_member(text, length, partition);
        else send_text(text, length, RD_KAFKA_MSG_F_COPY, partition);
        length = 0, lines = 0;
    }
    check(rd_kafka_flush(client, 60000) == RD_KAFKA_RESP_ERR_NO_ERROR && undelivered == 0, "messages were not delivered");
    printf("%ld\n", messages);
    return 0;
}
