# SPDX-License-Identifier: GPL-3.0-or-later
"""What MobileSAM is made of: its sizes, and the names and shapes of its tensors as its authors' file has them.

The image encoder is a TinyViT of four stages (Wu et al., "TinyViT: Fast Pretraining Distillation for Small Vision
Transformers", ECCV 2022), distilled from SAM's by Zhang et al., "Faster Segment Anything: Towards Lightweight SAM for
Mobile Applications", 2023; prompt encoder and mask decoder are those of SAM (Kirillov et al., "Segment Anything",
ICCV 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

SIDE = 1024  # pixels of the square that the encoder sees
GRID = 64  # cells along each side of what it makes of it
LOGITS = 256  # cells along each side of a mask as the decoder gives it
WIDTH = 256  # channels of embeddings and tokens
HEADS = 8  # of the decoder's attention
HIDDEN = 2048  # channels within the decoder's perceptrons
LAYERS = 2  # of the decoder's transformer
MASKS = 4  # the whole that several prompts mean, and three readings of one click


@dataclass(frozen=True)
class Stage:
    """One stage of the encoder. side: cells along each side. The first has convolutions only, and no window."""

    channels: int
    side: int
    blocks: int
    heads: int
    window: int


STAGES = (Stage(64, 256, 2, 0, 0), Stage(128, 128, 2, 4, 7), Stage(160, 64, 6, 5, 14), Stage(320, 64, 2, 10, 7))

Shapes = dict[str, tuple[int, ...]]


def shapes() -> Shapes:
    """The shapes of all tensors that are used, by name."""
    return {**_encoder(), **_prompt_encoder(), **_mask_decoder()}


def _encoder() -> Shapes:
    first = STAGES[0].channels
    found = {
        **_normed_convolution("patch_embed.seq.0", (first // 2, 3, 3, 3)),
        **_normed_convolution("patch_embed.seq.2", (first, first // 2, 3, 3)),
    }
    for i, stage in enumerate(STAGES):
        for j in range(stage.blocks):
            block = f"layers.{i}.blocks.{j}"
            found |= _attention_block(block, stage) if stage.window else _inverted_bottleneck(block, stage.channels)
        if i + 1 < len(STAGES):
            into = STAGES[i + 1].channels
            found |= _normed_convolution(f"layers.{i}.downsample.conv1", (into, stage.channels, 1, 1))
            found |= _normed_convolution(f"layers.{i}.downsample.conv2", (into, 1, 3, 3))
            found |= _normed_convolution(f"layers.{i}.downsample.conv3", (into, into, 1, 1))
    found |= {"neck.0.weight": (WIDTH, STAGES[-1].channels, 1, 1), "neck.2.weight": (WIDTH, WIDTH, 3, 3)}
    found |= _norm("neck.1", WIDTH) | _norm("neck.3", WIDTH)
    return {f"image_encoder.{name}": shape for name, shape in found.items()}


def _inverted_bottleneck(name: str, channels: int) -> Shapes:
    hidden = 4 * channels
    return {
        **_normed_convolution(f"{name}.conv1", (hidden, channels, 1, 1)),
        **_normed_convolution(f"{name}.conv2", (hidden, 1, 3, 3)),
        **_normed_convolution(f"{name}.conv3", (channels, hidden, 1, 1)),
    }


def _attention_block(name: str, stage: Stage) -> Shapes:
    channels = stage.channels
    return {
        f"{name}.attn.attention_biases": (stage.heads, stage.window**2),
        **_norm(f"{name}.attn.norm", channels),
        **_linear(f"{name}.attn.qkv", channels, 3 * channels),
        **_linear(f"{name}.attn.proj", channels, channels),
        **_norm(f"{name}.mlp.norm", channels),
        **_linear(f"{name}.mlp.fc1", channels, 4 * channels),
        **_linear(f"{name}.mlp.fc2", 4 * channels, channels),
        **_normed_convolution(f"{name}.local_conv", (channels, 1, 3, 3)),
    }


def _prompt_encoder() -> Shapes:
    found: Shapes = {"pe_layer.positional_encoding_gaussian_matrix": (2, WIDTH // 2)}
    found |= {f"point_embeddings.{i}.weight": (1, WIDTH) for i in range(4)}
    found |= {"not_a_point_embed.weight": (1, WIDTH), "no_mask_embed.weight": (1, WIDTH)}
    found |= {"mask_downscaling.0.weight": (4, 1, 2, 2), "mask_downscaling.0.bias": (4,)}
    found |= {"mask_downscaling.3.weight": (16, 4, 2, 2), "mask_downscaling.3.bias": (16,)}
    found |= {"mask_downscaling.6.weight": (WIDTH, 16, 1, 1), "mask_downscaling.6.bias": (WIDTH,)}
    found |= _norm("mask_downscaling.1", 4) | _norm("mask_downscaling.4", 16)
    return {f"prompt_encoder.{name}": shape for name, shape in found.items()}


def _mask_decoder() -> Shapes:
    found: Shapes = {"iou_token.weight": (1, WIDTH), "mask_tokens.weight": (MASKS, WIDTH)}
    for i in range(LAYERS):
        layer = f"transformer.layers.{i}"
        found |= _attention(f"{layer}.self_attn", WIDTH)
        found |= _attention(f"{layer}.cross_attn_token_to_image", WIDTH // 2)
        found |= _attention(f"{layer}.cross_attn_image_to_token", WIDTH // 2)
        found |= _linear(f"{layer}.mlp.lin1", WIDTH, HIDDEN) | _linear(f"{layer}.mlp.lin2", HIDDEN, WIDTH)
        for j in range(1, 5):
            found |= _norm(f"{layer}.norm{j}", WIDTH)
    found |= _attention("transformer.final_attn_token_to_image", WIDTH // 2)
    found |= _norm("transformer.norm_final_attn", WIDTH) | _norm("output_upscaling.1", WIDTH // 4)
    found |= {"output_upscaling.0.weight": (WIDTH, WIDTH // 4, 2, 2), "output_upscaling.0.bias": (WIDTH // 4,)}
    found |= {"output_upscaling.3.weight": (WIDTH // 4, WIDTH // 8, 2, 2), "output_upscaling.3.bias": (WIDTH // 8,)}
    for i in range(MASKS):
        found |= _perceptron(f"output_hypernetworks_mlps.{i}", WIDTH // 8)
    found |= _perceptron("iou_prediction_head", MASKS)
    return {f"mask_decoder.{name}": shape for name, shape in found.items()}


def _attention(name: str, inner: int) -> Shapes:
    return {
        **_linear(f"{name}.q_proj", WIDTH, inner),
        **_linear(f"{name}.k_proj", WIDTH, inner),
        **_linear(f"{name}.v_proj", WIDTH, inner),
        **_linear(f"{name}.out_proj", inner, WIDTH),
    }


def _perceptron(name: str, outputs: int) -> Shapes:
    sizes = (WIDTH, WIDTH, WIDTH, outputs)
    return {key: shape for i in range(3) for key, shape in _linear(f"{name}.layers.{i}", *sizes[i : i + 2]).items()}


def _normed_convolution(name: str, shape: tuple[int, int, int, int]) -> Shapes:
    statistics = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.c.weight": shape, **{f"{name}.bn.{each}": shape[:1] for each in statistics}}


def _linear(name: str, inputs: int, outputs: int) -> Shapes:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _norm(name: str, channels: int) -> Shapes:
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}
