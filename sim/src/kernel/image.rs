//! Which memory is that of statics.
//!
//! A value that outlives its execution may be kept by a static, which is no leak. No object knows where it lives, but its address
//! does: statics are part of the images that the loader has mapped, the executable and its libraries. The answer is the same
//! in each run although addresses are not. On systems without a way to list the images it is always no.
//!
//! Every `SAFETY` note cites one of these rules.
//!
//! - **I1** The loader calls `look` with an image and its segments, which stay where they are during the call.
//! - **I2** The pointer that goes with it is that to the search of the one caller, which waits until the loader is done.

/// Whether `address` is inside of an image.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn is_static(address: usize) -> bool {
    use std::ffi::{c_int, c_void};
    use std::slice;

    struct Search {
        address: usize,
        is_found: bool,
    }

    /// Looks at one image; 0 to go on with the next.
    unsafe extern "C" fn look(image: *mut libc::dl_phdr_info, _: usize, search: *mut c_void) -> c_int {
        // SAFETY: I1.
        let image = unsafe { &*image };
        // SAFETY: I2.
        let search = unsafe { &mut *search.cast::<Search>() };
        // SAFETY: I1: the image has so many segments.
        let segments = unsafe { slice::from_raw_parts(image.dlpi_phdr, image.dlpi_phnum.into()) };
        search.is_found = segments.iter().any(|segment| {
            // Both casts only matter where a word is shorter than 64 bits, and so is every address.
            let start = (image.dlpi_addr as usize).wrapping_add(segment.p_vaddr as usize);
            let is_inside = search.address.wrapping_sub(start) < segment.p_memsz as usize;
            segment.p_type == libc::PT_LOAD && is_inside
        });
        c_int::from(search.is_found)
    }

    let mut search = Search { address, is_found: false };
    // SAFETY: I2; `look` does not unwind.
    unsafe { libc::dl_iterate_phdr(Some(look), (&raw mut search).cast()) };
    search.is_found
}

/// Whether `address` is inside of an image: unknown here.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn is_static(_address: usize) -> bool {
    false
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn statics_are_told_from_the_heap_and_the_stack() {
        static IN_A_STATIC: Mutex<u32> = Mutex::new(0);
        let (on_the_heap, on_the_stack) = (Box::new(Mutex::new(0)), Mutex::new(0));
        assert!(is_static((&raw const IN_A_STATIC).addr()));
        assert!(!is_static((&raw const *on_the_heap).addr()));
        assert!(!is_static((&raw const on_the_stack).addr()));
    }
}
