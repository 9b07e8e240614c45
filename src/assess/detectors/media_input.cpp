// Models that see and hear: what stands before a camera or microphone is their input.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Import, "cv2", "images (OpenCV)"},
    {In::Import, "PIL", "images (Pillow)"},
    {In::Import, "torchvision", "images (torchvision)"},
    {In::Import, "skimage", "images (scikit-image)"},
    {In::Import, "albumentations", "images (Albumentations)"},
    {In::Import, "ultralytics", "images (Ultralytics)"},
    {In::Import, "diffusers", "images (Diffusers)"},
    {In::Import, "mediapipe", "images (MediaPipe)"},
    {In::Import, "face_recognition", "faces"},
    {In::Import, "deepface", "faces"},
    {In::Import, "insightface", "faces"},
    {In::Import, "torchaudio", "sound (torchaudio)"},
    {In::Import, "librosa", "sound (librosa)"},
    {In::Import, "whisper", "speech"},
    {In::Import, "faster_whisper", "speech"},
    {In::Import, "decord", "video"},
};

}  // namespace

const Detector media_input{.kind = Kind::MediaInput, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
