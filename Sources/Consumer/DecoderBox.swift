import Decoding

/// A decoder behind a reference, one for each input topic and worker.
final class DecoderBox {
    var decoder: MessageDecoder

    init(_ decoder: consuming MessageDecoder) {
        self.decoder = decoder
    }
}
