import Decoding

/// A decoder behind a reference, one for each input topic and worker.
package final class DecoderBox {
    package var decoder: MessageDecoder

    package init(_ decoder: consuming MessageDecoder) {
        self.decoder = decoder
    }
}
