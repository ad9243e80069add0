// The one place of the project where the compiler's word on sharing is replaced by ours.

/// A pointer to an OpenSSL context that is no longer changed.
///
/// Proof. `SSL_CTX` is reference-counted with atomics, and OpenSSL allows any number of threads to call `SSL_new` on one
/// that nobody configures any more. `TLSContext` is the only maker: it hands the pointer over at the end of its
/// initializer, after the last call that changes it, and offers nothing that changes it later (a reload builds a new one).
/// `TLSContext.deinit` gives up its one reference; sessions hold their own.
struct FrozenContext: @unchecked Sendable {
    let pointer: OpaquePointer
}
